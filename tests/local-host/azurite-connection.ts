/** A connection string for Azurite's well-known account with its queue service on that port. */
export function azuriteConnection(port: number): string {
  const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
  const account = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key}`;
  return `${account};QueueEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
}
