// Readability.js over the pages that eval/peers/run.py asks for.
//
//     node peer.mjs readability
//
// Reads a JSON object a line from standard input, {"path", "url", "times"}, and answers each with a line: {"seconds",
// "text", "title", "author", "date"}, or {"fault"} where it threw. The page is read before the clock starts, extracted
// `times` times in a row, and the least processor time of the process counts, its collector's threads included. jsdom is given bytes, which it decodes while the clock runs. NODE_MODULES
// is the folder that holds the packages.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { Readability } = require("@mozilla/readability");
const { JSDOM, VirtualConsole } = require("jsdom");

// What stands on lines of its own: textContent alone would join the words of neighbouring paragraphs.
const BLOCKS = new Set("P DIV LI UL OL BLOCKQUOTE PRE TABLE TR TD TH BR SECTION ARTICLE FIGURE FIGCAPTION H1 H2 H3 H4 H5 H6".split(" "));

function shown(node, parts) {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.nodeType === 3) parts.push(child.data);
    const isBlock = BLOCKS.has(child.nodeName);
    if (isBlock) parts.push("\n");
    shown(child, parts);
    if (isBlock) parts.push("\n");
  }
  return parts;
}

function extract(page, url) {
  const dom = new JSDOM(page, { url: url ?? undefined, contentType: "text/html", virtualConsole: new VirtualConsole() });
  const article = new Readability(dom.window.document, { serializer: (element) => element }).parse();
  const text = article ? shown(article.content, []).join("") : "";
  dom.window.close();
  return { text, title: article?.title, author: article?.byline, date: article?.publishedTime };
}

function answer({ path, url, times }) {
  const page = readFileSync(path);
  let least = Infinity;
  let found;
  try {
    for (let round = 0; round < times; round++) {
      const began = process.cpuUsage();
      found = extract(page, url);
      const spent = process.cpuUsage(began);
      least = Math.min(least, (spent.user + spent.system) / 1e6);
    }
  } catch (fault) {
    return { fault: String(fault).slice(0, 200) };
  }
  return { seconds: least, ...found };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
