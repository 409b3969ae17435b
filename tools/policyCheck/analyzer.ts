import * as grpc from "@grpc/grpc-js";
import {
  type AnalyzeDiagnostic,
  type AnalyzeRequest,
  AnalyzerClient,
  type AnalyzerInfo,
  type AnalyzeResponse,
  type AnalyzerResource,
  AnalyzerStackConfigureRequest,
  AnalyzeStackRequest,
  ConfigureAnalyzerRequest,
  Empty,
  PolicyConfig,
  toStruct,
} from "../../local/engine/protocol";
import type { RawResource } from "../../local/engine/recorded";
import { ORGANIZATION } from "../../local/engine/recordOptions";
import type { StackConfig } from "../../local/engine/stackConfig";
import { CommandError } from "../command";
import { analyzeRequest, resourceMessage } from "./messages";
import { LEVELS, type Level, levelOf, type PolicyPackInfo, packInfo, type PolicySettings } from "./packInfo";
import { stackTags } from "./stackTags";

/** The limit of the Pulumi CLI. */
const LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A policy that takes longer waits for something that does not come. */
const LONGEST_ANSWER_MS = 60_000;

/** How the SDK reports a policy that read a value which is not known yet (@pulumi/policy/server). */
const NOT_RUN =
  /^can't run policy '(?<policy>[^']*)' from policy pack '[^']*' during preview: (?<reason>.*)$/s;

/** What a policy has to say against a resource. */
export interface Violation {
  readonly policy: string;
  readonly level: Extract<Level, "mandatory" | "advisory">;
  /** The resource, or the stack itself when the policy names none. */
  readonly urn: string;
  /** What the policy wants. */
  readonly description: string;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** The pack is not there any more. */
export class PackGoneError extends CommandError {}

type Call<Request, Response> = (
  request: Request,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  answer: (error: grpc.ServiceError | null, response: Response) => void,
) => unknown;

/**
 * The engine's side of a policy pack (pulumirpc.Analyzer), for one stack. Requests about the same resource are made once,
 * so that a stack with one resource changed costs little.
 */
export class Analyzer {
  private readonly client: AnalyzerClient;
  private readonly messages = new WeakMap<RawResource, AnalyzerResource>();

  /** @param port of the pack's server, on loopback */
  constructor(port: number) {
    this.client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES,
      "grpc.max_send_message_length": LARGEST_MESSAGE_BYTES,
      "grpc.enable_http_proxy": 0,
    });
  }

  /** What the pack is made of. */
  async info(): Promise<PolicyPackInfo> {
    return packInfo(
      await this.call<InstanceType<typeof Empty>, AnalyzerInfo>(
        (...request) => this.client.getAnalyzerInfo(...request),
        new Empty(),
      ),
    );
  }

  /** Tells the pack which stack it looks at. */
  async configureStack(config: StackConfig): Promise<void> {
    const request = new AnalyzerStackConfigureRequest()
      .setOrganization(ORGANIZATION)
      .setProject(config.project)
      .setStack(config.stack)
      .setDryRun(false)
      .setConfigSecretKeysList([...config.secretKeys]);
    for (const [key, value] of Object.entries(config.values)) request.getConfigMap().set(key, value);
    for (const [name, value] of Object.entries(stackTags(config))) request.getTagsMap().set(name, value);
    await this.call((...message) => this.client.configureStack(...message), request);
  }

  /** Sets level and properties of every policy; the properties are the whole of them, defaults included. */
  async configure(settings: PolicySettings): Promise<void> {
    const request = new ConfigureAnalyzerRequest();
    for (const [policy, { level, properties }] of settings) {
      const config = new PolicyConfig();
      config.setEnforcementlevel(LEVELS[level]);
      config.setProperties(toStruct(properties));
      request.getPolicyconfigMap().set(policy, config);
    }
    await this.call((...message) => this.client.configure(...message), request);
  }

  /** Shows one resource, with its inputs, to the policies of resources. */
  async analyze(resource: RawResource): Promise<Violation[]> {
    const response = await this.call<AnalyzeRequest, AnalyzeResponse>(
      (...request) => this.client.analyze(...request),
      analyzeRequest(resource),
      resource,
    );
    return violationsOf(response, () => resource.urn);
  }

  /** Shows all resources, with their outputs, to the policies of the stack. */
  async analyzeStack(resources: readonly RawResource[]): Promise<Violation[]> {
    const request = new AnalyzeStackRequest();
    request.setResourcesList(resources.map((resource) => this.messageOf(resource)));
    const response = await this.call<AnalyzeStackRequest, AnalyzeResponse>(
      (...message) => this.client.analyzeStack(...message),
      request,
    );
    const known = new Set(resources.map(({ urn }) => urn));
    const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
    return violationsOf(response, (urn) => (known.has(urn) ? urn : stack));
  }

  close(): void {
    this.client.close();
  }

  private messageOf(resource: RawResource): AnalyzerResource {
    const message = this.messages.get(resource) ?? resourceMessage(resource);
    this.messages.set(resource, message);
    return message;
  }

  private call<Request, Response>(
    method: Call<Request, Response>,
    request: Request,
    about?: RawResource,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      method(
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + LONGEST_ANSWER_MS },
        (error, response) => {
          if (error === null) return resolve(response);
          const subject = about === undefined ? "" : ` "${about.name}" (${about.type}):`;
          const Failure = error.code === grpc.status.UNAVAILABLE ? PackGoneError : CommandError;
          reject(new Failure(`The policy pack cannot answer:${subject} ${withoutStack(error.details)}`));
        },
      );
    });
  }
}

/** @throws CommandError for a policy that could not run: nothing is unknown in what is shown to it */
function violationsOf(response: AnalyzeResponse, urnOf: (reported: string) => string): Violation[] {
  return response.getDiagnosticsList().flatMap((diagnostic) => {
    const urn = urnOf(diagnostic.getUrn());
    const notRun = NOT_RUN.exec(diagnostic.getMessage())?.groups;
    if (notRun !== undefined)
      throw new CommandError(
        `The policy ${notRun.policy} could not run on ${urn}: ${notRun.reason}. Nothing may be unknown in a check.`,
      );
    const level = levelOf(diagnostic.getEnforcementlevel());
    if (level === "disabled") return [];
    return [violation(diagnostic, level === "advisory" ? level : "mandatory", urn)];
  });
}

/** The SDK puts the policy's description before the message. */
function violation(diagnostic: AnalyzeDiagnostic, level: Violation["level"], urn: string): Violation {
  const description = diagnostic.getDescription();
  const message = diagnostic.getMessage();
  const prefix = `${description}\n`;
  return {
    policy: diagnostic.getPolicyname(),
    level,
    urn,
    description,
    message: message.startsWith(prefix) ? message.slice(prefix.length) : message,
  };
}

/** The SDK sends the stack of what a policy throws along. */
function withoutStack(details: string): string {
  return details
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join(" ");
}
