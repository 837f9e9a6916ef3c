package io.github.controlnet.cli;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.MissingWeightsException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one line on standard error and an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  /** Options that people know from elsewhere, for what is not built yet. */
  private static final Set<String> PLANNED =
      Set.of(
          "--control-type",
          "--ip-adapter",
          "--ip-image",
          "--ip-scale",
          "--image-encoder",
          "--refiner",
          "--preset",
          "--engine");

  private final Interrupts interrupts;

  Failures(Interrupts interrupts) {
    this.interrupts = interrupts;
  }

  @Override
  public int handleParseException(ParameterException problem, String[] args) {
    CommandLine line = problem.getCommandLine();
    PrintWriter err = line.getErr();
    String name = line.getCommandSpec().qualifiedName();
    Optional<String> planned =
        problem instanceof UnmatchedArgumentException unmatched
            ? unmatched.getUnmatched().stream()
                .map(argument -> argument.replaceFirst("=.*", ""))
                .filter(PLANNED::contains)
                .findFirst()
            : Optional.empty();
    if (planned.isPresent()) {
      err.printf("%s: %s is not supported yet.%n", name, planned.get());
    } else {
      err.printf("%s: %s%n", name, oneLine(problem));
      if (problem instanceof UnmatchedArgumentException unmatched) {
        UnmatchedArgumentException.printSuggestions(unmatched, err);
      }
    }
    err.printf("Try: %s --help%n", name);
    err.flush();
    return ExitCode.USAGE;
  }

  /** Runs a command line; what is thrown, whatever it is, becomes one line and an exit code. */
  int execute(CommandLine line, String... args) {
    try {
      return line.execute(args);
    } catch (RuntimeException | Error e) { // picocli hands exceptions over, but no errors
      CommandLine last = line;
      for (ParseResult parsed = line.getParseResult();
          parsed != null && parsed.hasSubcommand();
          parsed = parsed.subcommand()) {
        last = parsed.subcommand().commandSpec().commandLine();
      }
      return tell(e, last);
    }
  }

  @Override
  public int handleExecutionException(Exception problem, CommandLine line, ParseResult parsed) {
    return tell(problem, line);
  }

  private int tell(Throwable problem, CommandLine line) {
    PrintWriter err = line.getErr();
    String name = line.getCommandSpec().qualifiedName();
    boolean verbose =
        line.getCommandSpec().findOption("--verbose") != null
            && Boolean.TRUE.equals(line.getCommandSpec().findOption("--verbose").getValue());
    int code;
    if (problem instanceof GenerationCancelledException || interrupts.isCancelled()) {
      err.printf("%s: cancelled.%n", name);
      code = interrupts.exitCode();
    } else if (problem instanceof InvalidRequestException) {
      err.printf("%s: %s%n", name, oneLine(problem));
      code = ExitCode.USAGE;
    } else if (problem instanceof CommandFailure || problem instanceof ControlNetException) {
      err.printf("%s: %s%n", name, oneLine(problem));
      code = ExitCode.SOFTWARE;
    } else if (problem instanceof OutOfMemoryError) {
      err.printf(
          "%s: the memory of the JVM, %d MB, is full: %s. Take a smaller picture or file, or give it more, such as JAVA_OPTS=-Xmx8g.%n",
          name, Runtime.getRuntime().maxMemory() >> 20, oneLine(problem));
      code = ExitCode.SOFTWARE;
    } else {
      err.printf(
          "%s: unexpected %s: %s (--verbose shows where)%n",
          name, problem.getClass().getSimpleName(), oneLine(problem));
      code = ExitCode.SOFTWARE;
    }
    if (verbose) {
      StringWriter trace = new StringWriter();
      problem.printStackTrace(new PrintWriter(trace));
      err.print(trace);
    }
    err.flush();
    return code;
  }

  /** The message in one line, its remedy in the words of the command. */
  static String oneLine(Throwable problem) {
    String message =
        problem instanceof MissingWeightsException missing
            ? "The annotator \"%s\" needs the weights %s, which are not in the hub's cache; fetch them with \"controlnet download %s\", or name the file with the annotator's option \"%s\": %s"
                .formatted(
                    missing.annotator(),
                    missing.file(),
                    missing.weights(),
                    missing.option(),
                    "annotate --option %1$s=FILE, generate --annotator-option %1$s=FILE."
                        .formatted(missing.option()))
            : problem.getMessage();
    return message == null || message.isBlank()
        ? problem.getClass().getSimpleName()
        : Printable.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
