package io.github.controlnet.cli;

import io.github.controlnet.StepListener;
import io.github.controlnet.training.TrainingProgress;
import java.io.PrintWriter;
import java.util.Locale;

/** Tells on standard error how far things are: a bar on a terminal, plain lines elsewhere. */
final class Progress implements StepListener {
  private static final int BAR = 30;

  /** Between two lines on a download where there is no terminal. */
  private static final long QUIET_NANOS = 5_000_000_000L;

  private final PrintWriter err;
  private final boolean terminal;
  private long last = System.nanoTime();
  private boolean barOpen;

  Progress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Prints a line of its own. */
  void say(String text) {
    endBar();
    err.println(Printable.of(text));
    err.flush();
  }

  /** Starts a generation: the first step's time begins here. */
  void start() {
    last = System.nanoTime();
  }

  @Override
  public void onStep(Step step) {
    long now = System.nanoTime();
    double seconds = (now - last) / 1e9;
    last = now;
    show("step", step.number(), step.totalSteps(), seconds);
  }

  /** Shows that one of several things is done. */
  void count(String what, int done, int total) {
    long now = System.nanoTime();
    double seconds = (now - last) / 1e9;
    last = now;
    show(what, done, total, seconds);
  }

  /** Shows how much of a download is there. */
  void bytes(String file, long done, long total) {
    String text = String.format(Locale.ROOT, "%.1f of %.1f MB  %s", done / 1e6, total / 1e6, file);
    if (terminal) {
      err.print("\r" + text + "\u001b[K");
      barOpen = true;
    } else if (done == total || System.nanoTime() - last > QUIET_NANOS) {
      last = System.nanoTime();
      err.println(text);
    }
    err.flush();
  }

  /** Shows a step of a training: a line that is overwritten, or one every few seconds. */
  void training(TrainingProgress now) {
    String text =
        String.format(
            Locale.ROOT,
            "step %d/%d  epoch %d  loss %.5f (mean %.5f)  rate %.2e  norm %.3f  %.2f steps/s  %s left",
            now.step(),
            now.totalSteps(),
            now.epoch(),
            now.loss(),
            now.meanLoss(),
            now.learningRate(),
            now.gradientNorm(),
            now.stepsPerSecond(),
            duration(now.secondsLeft()));
    if (terminal) {
      err.print("\r" + text + "\u001b[K");
      barOpen = true;
    } else if (now.step() == 1
        || now.step() == now.totalSteps()
        || System.nanoTime() - last > QUIET_NANOS) {
      last = System.nanoTime();
      err.println(text);
    }
    err.flush();
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? "%d h %02d min".formatted(whole / 3600, whole / 60 % 60)
        : "%d min %02d s".formatted(whole / 60, whole % 60);
  }

  private void show(String what, int done, int total, double seconds) {
    if (!terminal) {
      err.println(String.format(Locale.ROOT, "%s %d/%d  %.2f s", what, done, total, seconds));
      err.flush();
      return;
    }
    int filled = BAR * done / total;
    // The first includes loading and warming up, so it says little about those to come.
    double left = (total - done) * seconds;
    err.print(
        String.format(
            Locale.ROOT,
            "\r%s %d/%d [%s%s] %.2f s each, %.0f s left\u001b[K",
            what,
            done,
            total,
            "#".repeat(filled),
            ".".repeat(BAR - filled),
            seconds,
            left));
    barOpen = true;
    if (done == total) {
      endBar();
    }
    err.flush();
  }

  /** Ends the line of the bar, so that what follows starts on a line of its own. */
  void endBar() {
    if (barOpen) {
      err.println();
      err.flush();
      barOpen = false;
    }
  }
}
