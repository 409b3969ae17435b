import type { AlarmSettings, AlarmState } from "./alarmSettings";
import { isBreaching } from "./alarmSettings";

/**
 * How many periods an alarm looks back beyond its evaluation periods for values in place of missing ones. AWS documents
 * that there are more, and shows two more for three periods of a minute, no rule for others.
 */
const PERIODS_BEHIND = 2;

/** How many periods an alarm looks at. */
export function evaluationRange({ evaluationPeriods }: AlarmSettings): number {
  return evaluationPeriods + PERIODS_BEHIND;
}

/**
 * The state that follows from a metric's values (CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing
 * data", with its tables).
 *
 * @param newestFirst a value for each period of the evaluation range, undefined where it has none
 */
export function evaluate(
  alarm: AlarmSettings,
  newestFirst: readonly (number | undefined)[],
  current: AlarmState,
): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = alarm;
  const values = newestFirst.filter((value) => value !== undefined);
  const looked = values.slice(0, evaluationPeriods);
  const breaching = looked.filter((value) => isBreaching(alarm, value)).length;
  if (breaching >= datapointsToAlarm) return "ALARM";
  const toFill = evaluationPeriods - looked.length;
  if (toFill === 0 || treatMissingData === "notBreaching") return "OK";
  if (treatMissingData === "breaching") return breaching + toFill >= datapointsToAlarm ? "ALARM" : "OK";
  if (breaching < looked.length) return "OK";
  if (treatMissingData === "ignore") return current;
  if (looked.length === 0) return "INSUFFICIENT_DATA";
  // What there is breaches: "premature" only while it is younger than the datapoints that an alarm takes.
  const age = newestFirst.findLastIndex((value) => value !== undefined) + 1;
  return age >= datapointsToAlarm ? "ALARM" : current;
}
