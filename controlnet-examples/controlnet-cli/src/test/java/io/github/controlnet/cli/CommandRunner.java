package io.github.controlnet.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import picocli.CommandLine;

/** Runs the command in this process. */
final class CommandRunner {
  /**
   * What a run left behind.
   *
   * @param code the exit code
   * @param out standard output
   * @param err standard error
   */
  record Run(int code, String out, String err) {
    List<String> outLines() {
      return out.lines().toList();
    }
  }

  private final Interrupts interrupts = new Interrupts(new PrintWriter(new StringWriter()));
  private boolean terminal;

  private CommandRunner() {}

  /** Runs the command as it is, with all that is on the class path. */
  static Run run(String... args) {
    return new CommandRunner().execute(args);
  }

  /** Runs it with a pipeline, samplers and an annotator that only pretend. */
  static Run runWithFakes(String... args) {
    return withFakes(() -> new CommandRunner().execute(args));
  }

  static CommandRunner create() {
    return new CommandRunner();
  }

  CommandRunner onTerminal() {
    terminal = true;
    return this;
  }

  Interrupts interrupts() {
    return interrupts;
  }

  Run executeWithFakes(String... args) {
    return withFakes(() -> execute(args));
  }

  Run execute(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        ControlNetCommand.commandLine(
            new PrintWriter(out), new PrintWriter(err), terminal, interrupts);
    int code = new Failures(interrupts).execute(line, args);
    return new Run(code, out.toString(), err.toString());
  }

  private static Run withFakes(java.util.function.Supplier<Run> body) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(new FakeServices());
    try {
      return body.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Shows service loaders the fakes alone. */
  private static final class FakeServices extends ClassLoader {
    private static final String SERVICES = "META-INF/services/";

    FakeServices() {
      super(CommandRunner.class.getClassLoader());
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      if (!name.startsWith(SERVICES + "io.github.controlnet")) {
        return super.getResources(name);
      }
      URL fake = getParent().getResource("fake-services/" + name.substring(SERVICES.length()));
      return fake == null ? Collections.emptyEnumeration() : Collections.enumeration(List.of(fake));
    }
  }
}
