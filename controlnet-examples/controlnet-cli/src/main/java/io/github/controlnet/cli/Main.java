package io.github.controlnet.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Starts the {@code controlnet} command and ends the process with its exit code. */
public final class Main {
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
    Interrupts interrupts = Interrupts.install(err);
    int code = ControlNetCommand.commandLine(out, err, terminal, interrupts).execute(args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
