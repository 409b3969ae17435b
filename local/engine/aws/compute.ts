import { CREATED, type NewResource, type ResourceTypes } from "./newResource";

/** Lambda, Step Functions, EventBridge Scheduler and DynamoDB. */
export const COMPUTE_RESOURCES: ResourceTypes = {
  "aws:dynamodb/table:Table": table,
  "aws:lambda/eventSourceMapping:EventSourceMapping": (resource) => {
    const uuid = resource.uuid();
    return {
      id: uuid,
      uuid,
      arn: resource.arn("lambda", `event-source-mapping:${uuid}`),
      functionArn: functionArn(resource, resource.text("functionName")),
      state: "Enabled",
      lastModified: CREATED,
    };
  },
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (resource) => {
    const qualifier = resource.optionalText("qualifier");
    return { id: resource.text("functionName") + (qualifier === undefined ? "" : `:${qualifier}`) };
  },
  "aws:lambda/permission:Permission": (resource) => {
    const statementId = resource.physicalName({ maxLength: 100 }, "statementId");
    return { id: statementId, statementId };
  },
  "aws:scheduler/schedule:Schedule": (resource) => {
    const name = resource.physicalName({ maxLength: 64 });
    const groupName = resource.optionalText("groupName") ?? "default";
    const id = `${groupName}/${name}`;
    return { id, name, groupName, arn: resource.arn("scheduler", `schedule/${id}`) };
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": (resource) => {
    const name = resource.physicalName({ maxLength: 64 });
    return {
      id: name,
      name,
      arn: resource.arn("scheduler", `schedule-group/${name}`),
      state: "ACTIVE",
      creationDate: CREATED,
      lastModificationDate: CREATED,
    };
  },
  "aws:sfn/stateMachine:StateMachine": (resource) => {
    const name = resource.physicalName({ maxLength: 80 });
    const arn = resource.arn("states", `stateMachine:${name}`);
    return {
      id: arn,
      name,
      arn,
      status: "ACTIVE",
      revisionId: resource.uuid("revision"),
      creationDate: CREATED,
      ...(resource.inputs.publish === true ? { stateMachineVersionArn: `${arn}:1` } : {}),
    };
  },
};

function table(resource: NewResource) {
  const name = resource.physicalName({ maxLength: 255 });
  const arn = resource.arn("dynamodb", `table/${name}`);
  const hasStream = resource.inputs.streamEnabled === true;
  return {
    id: name,
    name,
    arn,
    streamArn: hasStream ? `${arn}/stream/${CREATED}` : "",
    streamLabel: hasStream ? CREATED : "",
  };
}

function lambdaFunction(resource: NewResource) {
  const name = resource.physicalName({ maxLength: 64 });
  const arn = functionArn(resource, name);
  const version = resource.inputs.publish === true ? "1" : "$LATEST";
  const qualifiedArn = `${arn}:${version}`;
  return {
    id: name,
    name,
    arn,
    version,
    qualifiedArn,
    invokeArn: invocationArn(resource, arn),
    qualifiedInvokeArn: invocationArn(resource, qualifiedArn),
    lastModified: CREATED,
  };
}

/** @param function_ a function's name or its ARN */
function functionArn(resource: NewResource, function_: string): string {
  return function_.startsWith("arn:") ? function_ : resource.arn("lambda", `function:${function_}`);
}

/** What API Gateway calls a function by. */
function invocationArn(resource: NewResource, arn: string): string {
  return `arn:aws:apigateway:${resource.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
}
