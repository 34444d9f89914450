# The service on Azure's own host, without root. Built from what npm run package makes, as in Azure.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY client/package.json client/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package

# docker build --target migrate: brings the database up to date, which the service never does in production.
FROM build AS migrate
USER node
CMD ["npm", "run", "migrate", "--", "up"]

FROM mcr.microsoft.com/azure-functions/node:4.1054.250-4-node22
# Below 1024 only root may listen. All functions are anonymous, so the host's own keys guard nothing and may be lost.
ENV ASPNETCORE_URLS=http://+:8080 \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureWebJobsSecretStorageType=files \
    DOTNET_EnableDiagnostics=0
# What the host writes: its keys, and what it takes for home. 1654 is the user "app" of the .NET images below.
RUN mkdir -p /azure-functions-host/Secrets /home/data \
    && chown -R 1654:1654 /azure-functions-host/Secrets /home
COPY --from=build --chown=root:root /src/dist/package /home/site/wwwroot
USER 1654:1654
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://localhost:8080/health/live"]
