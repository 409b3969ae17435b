/**
 * Codes of ISO 3166-1 alpha-2 for the countries' names in the data set "Online Retail" of the UCI Machine Learning
 * Repository. Two of its names are no countries and get codes that ISO 3166-1 gives to no country, so that the service
 * refuses them: nothing is made up for them.
 */
export const COUNTRY_CODES: ReadonlyMap<string, string> = new Map([
  ["Australia", "AU"],
  ["Austria", "AT"],
  ["Bahrain", "BH"],
  ["Belgium", "BE"],
  ["Brazil", "BR"],
  ["Canada", "CA"],
  // Jersey's: the islands together have none.
  ["Channel Islands", "JE"],
  ["Cyprus", "CY"],
  ["Czech Republic", "CZ"],
  ["Denmark", "DK"],
  ["EIRE", "IE"],
  // Reserved for the European Union.
  ["European Community", "EU"],
  ["Finland", "FI"],
  ["France", "FR"],
  ["Germany", "DE"],
  ["Greece", "GR"],
  ["Hong Kong", "HK"],
  ["Iceland", "IS"],
  ["Israel", "IL"],
  ["Italy", "IT"],
  ["Japan", "JP"],
  ["Lebanon", "LB"],
  ["Lithuania", "LT"],
  ["Malta", "MT"],
  ["Netherlands", "NL"],
  ["Norway", "NO"],
  ["Poland", "PL"],
  ["Portugal", "PT"],
  ["RSA", "ZA"],
  ["Saudi Arabia", "SA"],
  ["Singapore", "SG"],
  ["Spain", "ES"],
  ["Sweden", "SE"],
  ["Switzerland", "CH"],
  ["USA", "US"],
  ["United Arab Emirates", "AE"],
  ["United Kingdom", "GB"],
  // For users' own purposes; CLDR's "unknown region".
  ["Unspecified", "ZZ"],
]);
