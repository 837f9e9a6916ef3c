package io.github.controlnet.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {
  @Option(names = "--json", description = "Print one JSON object on standard output.")
  private boolean json;

  @Option(
      names = "--verbose",
      description = "Say more on standard error, and show the stack trace of a failure.")
  private boolean verbose;

  boolean json() {
    return json;
  }

  boolean verbose() {
    return verbose;
  }

  /** Prints a result: one JSON object, or a line for people. */
  void report(PrintWriter out, Map<String, Object> object, String line) {
    if (json) {
      Json.print(out, object);
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Lets libraries say more too; to be called before the first of them is touched. */
  void applyLogging() {
    if (verbose) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
  }
}
