package io.github.controlnet.cli;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Complaints about the command line itself: exit code 2. */
final class Usage {
  private final CommandSpec spec;

  Usage(CommandSpec spec) {
    this.spec = spec;
  }

  ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Makes a value of options, where whatever the library refuses is wrong usage. */
  <T> T value(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (InvalidRequestException | ProviderNotFoundException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /**
   * Spreads the values of an option over the controls: none given is the default, one is for all,
   * otherwise there must be one for each.
   */
  <T> List<T> spread(String option, List<T> given, T defaultValue, int controls) {
    if (given.isEmpty()) {
      return java.util.Collections.nCopies(controls, defaultValue);
    }
    if (given.size() == 1) {
      return java.util.Collections.nCopies(controls, given.get(0));
    }
    if (given.size() != controls) {
      throw wrong(
          "%s is given %d times for %d control%s; give it once for all, or once for each."
              .formatted(option, given.size(), controls, controls == 1 ? "" : "s"));
    }
    return given;
  }
}
