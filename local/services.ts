import { ApiGateway } from "./apigateway/apiGateway";
import type { AwsApis } from "./aws/api";
import { AwsEndpoint } from "./aws/endpoint";
import type { ResourceHost } from "./aws/resource";
import type { Clock } from "./clock";
import { CloudWatch } from "./cloudwatch/cloudWatch";
import { MetricStore } from "./cloudwatch/metricStore";
import { Cognito } from "./cognito/cognito";
import { DynamoDb } from "./dynamodb/dynamoDb";
import type { FaultInjector } from "./faults/faultInjector";
import { faultyApi } from "./faults/faultyApi";
import { FaultyStreams } from "./faults/faultyStreams";
import { Iam, type DecisionObserver } from "./iam/iam";
import { Kms } from "./kms/kms";
import { Lambda } from "./lambda/lambda";
import { Logs } from "./logs/logs";
import { Scheduler } from "./scheduler/scheduler";
import { Sns } from "./sns/sns";
import { Sqs } from "./sqs/sqs";
import { StepFunctions } from "./stepfunctions/stepFunctions";
import type { Store } from "./store";

export interface ServicesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  /** Where the run listens, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Makes calls between the services, and of their clients, fail. */
  readonly faults: FaultInjector;
  /** Told of faults of the run itself, which clients see as a bare 500. */
  readonly onFault: (error: unknown) => void;
  readonly onDecision?: DecisionObserver | undefined;
}

/** Every service of the local run, each given the others that it works with. */
export interface Services {
  readonly apiGateway: ApiGateway;
  /** Without the faults that are injected into them. */
  readonly apis: AwsApis;
  readonly cognito: Cognito;
  readonly endpoint: AwsEndpoint;
  readonly lambda: Lambda;
  /** In the order in which they start; they stop in reverse. */
  readonly hosts: readonly ResourceHost[];
}

export function createServices(options: ServicesOptions): Services {
  const { store, clock, region, origin, faults, onFault, onDecision } = options;
  const iam = new Iam({ clock, region, onDecision });
  const assumeRole = iam.assumeRole.bind(iam);
  const keys = new Kms({ iam, region });
  const metrics = new MetricStore(clock);
  const shared = { store, clock, iam, keys, metrics, region, onFault };
  const logs = new Logs(shared);
  const sqs = new Sqs(shared);
  const queues = faultyApi(faults, "sqs", sqs);
  const sns = new Sns({ ...shared, sqs: queues });
  const topics = faultyApi(faults, "sns", sns);
  const dynamodb = new DynamoDb(shared);
  const apis = { dynamodb: faultyApi(faults, "dynamodb", dynamodb), sns: topics, sqs: queues };
  const states = new StepFunctions({ ...shared, apis, assumeRole, logs });
  const cloudwatch = new CloudWatch({ ...shared, sns: topics, measure: (at) => sqs.measure(at) });
  const endpoint = new AwsEndpoint(
    {
      ...apis,
      cloudwatch: faultyApi(faults, "cloudwatch", cloudwatch),
      logs: faultyApi(faults, "logs", logs),
      states: faultyApi(faults, "states", states),
    },
    iam.callerOf.bind(iam),
    onFault,
  );
  const cognito = new Cognito(shared);
  const apiGateway = new ApiGateway({ ...shared, aws: endpoint, assumeRole, cognito, faults, logs });
  const streams = new FaultyStreams(faults, dynamodb.streams);
  const lambda = new Lambda({ ...shared, origin, endpoint, faults, sqs: queues, streams, logs });
  const scheduler = new Scheduler({ ...shared, origin, lambda, sqs: queues });
  return {
    apiGateway,
    apis: { cloudwatch, dynamodb, logs, sns, sqs, states },
    cognito,
    endpoint,
    lambda,
    hosts: [iam, keys, logs, cognito, sqs, dynamodb, sns, states, apiGateway, lambda, scheduler, cloudwatch],
  };
}
