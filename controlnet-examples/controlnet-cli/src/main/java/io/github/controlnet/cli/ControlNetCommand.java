package io.github.controlnet.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command itself; the work is in its subcommands. */
@Command(
    name = "controlnet",
    description = "Stable Diffusion with ControlNet, on the JVM.",
    versionProvider = Versions.class,
    subcommands = {
      GenerateCommand.class,
      AnnotateCommand.class,
      TokenizeCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      DownloadCommand.class,
      ServeCommand.class,
      AddControlCommand.class,
      TransferControlCommand.class,
      MakeDatasetCommand.class,
      TrainCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled.",
      "controlnet COMMAND --help tells the options of a command."
    })
final class ControlNetCommand implements Runnable {
  private final boolean terminal;
  private final Interrupts interrupts;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  private ControlNetCommand(boolean terminal, Interrupts interrupts) {
    this.terminal = terminal;
    this.interrupts = interrupts;
  }

  /**
   * Makes the command line.
   *
   * @param out gets results
   * @param err gets progress and complaints
   * @param terminal whether {@code err} is a terminal, which gets a progress bar
   * @param interrupts what Ctrl-C does
   */
  static CommandLine commandLine(
      PrintWriter out, PrintWriter err, boolean terminal, Interrupts interrupts) {
    CommandLine line = new CommandLine(new ControlNetCommand(terminal, interrupts));
    Failures failures = new Failures(interrupts);
    return line.setOut(out)
        .setErr(err)
        // A prompt may begin with @ or with a minus.
        .setExpandAtFiles(false)
        .setUnmatchedOptionsArePositionalParams(false)
        .setUsageHelpAutoWidth(true)
        .setUsageHelpLongOptionsMaxWidth(28)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures);
  }

  Progress progress(CommandLine line) {
    return new Progress(line.getErr(), terminal);
  }

  Interrupts interrupts() {
    return interrupts;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which command? Use one of: %s.".formatted(String.join(", ", spec.subcommands().keySet())));
  }
}
