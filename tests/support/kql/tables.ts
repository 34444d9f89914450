/**
 * The columns that queries may use, as Azure Monitor documents them: `traces` and `requests` of Application Insights,
 * the others of the Log Analytics workspace. Columns that no query uses are left out.
 */
export const tables = {
  traces:
    "timestamp: datetime, message: string, severityLevel: int, operation_Name: string, operation_Id: string, cloud_RoleInstance: string, customDimensions: dynamic",
  requests:
    "timestamp: datetime, name: string, success: string, resultCode: string, duration: real, operation_Id: string, cloud_RoleInstance: string",
  StorageQueueLogs: "TimeGenerated: datetime, OperationName: string, ObjectKey: string, StatusCode: string",
  AzureDiagnostics:
    "TimeGenerated: datetime, Category: string, event_time_t: datetime, action_name_s: string, succeeded_s: string, database_name_s: string, database_principal_name_s: string, server_principal_name_s: string, client_ip_s: string, application_name_s: string, object_name_s: string, statement_s: string",
} as const;

export type TableName = keyof typeof tables;
