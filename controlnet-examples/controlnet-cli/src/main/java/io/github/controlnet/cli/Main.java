package io.github.controlnet.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** Starts the {@code controlnet} command and ends the process with its exit code. */
public final class Main {
  private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

  private Main() {}

  /**
   * Runs the command.
   *
   * @param args the words of the command line
   */
  public static void main(String[] args) {
    // Whatever the platform's encoding is, JSON and prompts are UTF-8.
    PrintWriter out = writer(FileDescriptor.out);
    PrintWriter err = writer(FileDescriptor.err);
    boolean terminal = Boolean.getBoolean("controlnet.terminal");
    if (System.getProperty(LOG_FORMAT) == null) {
      // The library's warnings, such as that of a broken plugin, are lines among the others.
      System.setProperty(LOG_FORMAT, "controlnet: %5$s%n");
    }
    Interrupts interrupts = Interrupts.install(err);
    System.exit(
        run(
            out,
            err,
            terminal,
            interrupts,
            Optional.ofNullable(System.getenv(PluginPath.VARIABLE)),
            args));
  }

  /** Runs the command in this process. */
  static int run(
      PrintWriter out,
      PrintWriter err,
      boolean terminal,
      Interrupts interrupts,
      Optional<String> plugins,
      String... args) {
    plugins.map(PluginPath::problems).ifPresent(all -> all.forEach(err::println));
    int code =
        new Failures(interrupts)
            .execute(ControlNetCommand.commandLine(out, err, terminal, interrupts), args);
    if (out.checkError() && code == ExitCode.OK) {
      err.println(
          "controlnet: the results could not be written to standard output: the disk is full, or the reader has gone.");
      code = ExitCode.SOFTWARE;
    }
    err.flush();
    return code;
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
