import type { ResourceTypes } from "./newResource";

/** CloudWatch and CloudWatch Logs. */
export const CLOUDWATCH_RESOURCES: ResourceTypes = {
  "aws:cloudwatch/dashboard:Dashboard": (resource) => {
    const name = resource.text("dashboardName");
    return { id: name, dashboardArn: resource.globalArn("cloudwatch", `dashboard/${name}`) };
  },
  "aws:cloudwatch/logGroup:LogGroup": (resource) => {
    const name = resource.physicalName({ maxLength: 512 });
    return {
      id: name,
      name,
      arn: resource.arn("logs", `log-group:${name}`),
      logGroupClass: resource.optionalText("logGroupClass") ?? "STANDARD",
    };
  },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (resource) => ({ id: resource.text("policyName") }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (resource) => {
    const name = resource.physicalName({ maxLength: 255 });
    return { id: name, name, arn: resource.arn("cloudwatch", `alarm:${name}`) };
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": (resource) => {
    const queryDefinitionId = resource.uuid();
    return {
      id: queryDefinitionId,
      queryDefinitionId,
      name: resource.physicalName({ maxLength: 255 }),
      arn: resource.arn("logs", `query-definition:${queryDefinitionId}`),
    };
  },
};
