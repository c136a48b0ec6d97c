// Prints, for each file named, what AsyncAPI's parser understood and what it objects to (0: error, 1: warning).
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function understood(path) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
  return {
    objections: diagnostics.filter((one) => one.severity < 2).map((one) => `${one.path.join(".")}: ${one.message}`),
    servers: document?.servers().all().map((one) => [one.host(), one.protocol()]),
    channels: document?.channels().all().map((one) => [one.address(), one.messages().all().map((sent) => sent.name())]),
  };
}

Promise.all(process.argv.slice(2).map(understood)).then((found) => console.log(JSON.stringify(found)));
