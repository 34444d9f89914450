metadata description = 'What somebody should look at, as docs/monitoring.md explains. The tests run the queries.'

import { tagsType } from 'conventions.bicep'

param stem string
param location string
param tags tagsType
param email string
param applicationInsightsId string
param workspaceId string

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${stem}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'latchkey'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var audit = '''
traces
| extend line = parse_json(message)
| where tostring(line.event) == 'audit'
'''

var rules = [
  {
    name: 'server-errors'
    title: 'More than 5 % of the calls end in a 5xx'
    severity: 1
    scope: applicationInsightsId
    threshold: 5
    measure: 'percent'
    query: '''
requests
| summarize calls = count(), failed = countif(toint(resultCode) >= 500)
| where calls >= 20
| project percent = 100.0 * failed / calls
'''
  }
  {
    name: 'wrong-settings'
    title: 'The service answers 503 to everything: its log names the settings that are wrong'
    severity: 1
    scope: applicationInsightsId
    threshold: 0
    measure: ''
    query: '''
traces
| extend line = parse_json(message)
| where tostring(line.event) == 'service.misconfigured'
'''
  }
  {
    name: 'reuse-detected'
    title: 'A used refresh token came back, late or from elsewhere: it may be stolen'
    severity: 2
    scope: applicationInsightsId
    threshold: 0
    measure: ''
    query: '${audit}| where tostring(line.type) == \'session.reuse_detected\' or tostring(line.type) == \'session.repeat_suspicious\''
  }
  {
    name: 'credential-stuffing'
    title: 'Somebody tries passwords at many accounts'
    severity: 2
    scope: applicationInsightsId
    threshold: 0
    measure: ''
    query: '${audit}| where tostring(line.type) == \'sign_in.stuffing_detected\''
  }
  {
    name: 'copied-passkeys'
    title: 'A security key signed less often than before: it may have been copied'
    severity: 2
    scope: applicationInsightsId
    threshold: 0
    measure: ''
    query: '${audit}| where tostring(line.type) == \'passkey.count_reversed\''
  }
  {
    name: 'failed-sign-ins'
    title: 'Somebody may be guessing passwords'
    severity: 2
    scope: applicationInsightsId
    threshold: 100
    measure: ''
    query: '${audit}| where tostring(line.type) == \'sign_in.failed\''
  }
  {
    name: 'audit-log'
    title: 'The audit log lacks an event, or is not anchored'
    severity: 2
    scope: applicationInsightsId
    // What failed once is tried again.
    threshold: 1
    measure: ''
    query: '''
traces
| extend line = parse_json(message)
| where tostring(line.event) startswith 'audit.' and tostring(line.level) in ('warn', 'error')
'''
  }
  {
    name: 'mail'
    title: 'Mail does not arrive'
    severity: 2
    scope: applicationInsightsId
    // A few addresses are always mistyped.
    threshold: 10
    measure: ''
    query: '''
traces
| extend line = parse_json(message)
| where tostring(line.event) in ('mail.dead', 'mail.given_up', 'mail.unreadable')
'''
  }
  {
    name: 'nightly-jobs'
    title: 'A nightly job failed, and runs again only the next night'
    severity: 2
    scope: applicationInsightsId
    threshold: 0
    measure: ''
    query: '''
traces
| extend line = parse_json(message)
| where tostring(line.event) == 'job.failed'
| where tostring(line.function) in ('anchor-audit-nightly', 'purge-expired', 'put-back-mail', 'rotate-signing-keys')
'''
  }
  {
    name: 'poison-queue'
    title: 'A message was given up on after its last attempt'
    severity: 2
    scope: workspaceId
    threshold: 0
    measure: ''
    query: '''
StorageQueueLogs
| where OperationName == 'PutMessage' and ObjectKey has 'poison'
'''
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${stem}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Latchkey: ${rule.name}'
      description: rule.title
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      // Tables come into being with their first row.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            operator: 'GreaterThan'
            threshold: rule.threshold
            timeAggregation: empty(rule.measure) ? 'Count' : 'Maximum'
            metricMeasureColumn: empty(rule.measure) ? null : rule.measure
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [people.id] }
    }
  }
]
