package io.github.controlnet.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** Runs the command in this process; beside it, since nothing of it is public but its start. */
public final class CommandDoor {
  private CommandDoor() {}

  /**
   * What a run left behind.
   *
   * @param code the exit code
   * @param out standard output
   * @param err standard error
   */
  public record Run(int code, String out, String err) {}

  /** Runs the command with the words of a command line. */
  public static Run run(List<String> words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    PrintWriter complaints = new PrintWriter(err);
    int code =
        ControlNetCommand.commandLine(
                new PrintWriter(out), complaints, false, new Interrupts(complaints))
            .execute(words.toArray(new String[0]));
    return new Run(code, out.toString(), err.toString());
  }
}
