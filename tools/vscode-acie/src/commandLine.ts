// Command lines of acie-compile and acie-run. No editor here, so that tests need none.
import * as path from "node:path";

export interface Settings {
  /** Folder of the commands; empty for PATH. */
  bin: string;
  includeDirs: string[];
}

export interface CommandLine {
  command: string;
  args: string[];
}

export function executable(settings: Settings, name: string): string {
  return settings.bin === "" ? name : path.join(settings.bin, name);
}

function includes(settings: Settings): string[] {
  return settings.includeDirs.flatMap((folder) => ["-I", folder]);
}

/** Compiles `file` to a package beside it. */
export function compileLine(settings: Settings, file: string): CommandLine {
  const out = path.join(path.dirname(file), path.basename(file, ".acie") + ".aciepkg");
  return { command: executable(settings, "acie-compile"), args: [...includes(settings), file, "-o", out] };
}

/** Answers `query` of `file`, with the options the user typed. */
export function runLine(settings: Settings, file: string, query: string, options: string): CommandLine {
  return { command: executable(settings, "acie-run"), args: [file, query, ...words(options)] };
}

/** Splits options as a shell does: blanks part words, quotes of either kind keep them together, a backslash takes the next
 *  character as it is except between single quotes. */
export function words(text: string): string[] {
  const out: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (c === "\\" && quote !== "'" && i + 1 < text.length) {
      word = (word ?? "") + text[++i];
    } else if (quote !== "") {
      if (c === quote) quote = "";
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
    } else if (/\s/.test(c)) {
      if (word !== undefined) out.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + c;
    }
  }
  if (word !== undefined) out.push(word);
  return out;
}
