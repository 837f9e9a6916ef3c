package io.github.controlnet.exception;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request, or what a pipeline is to be built of, cannot be run as a whole: its values do not fit
 * each other, the models or the machine, or what a person wrote cannot be read. Nothing has run
 * yet. A value that is wrong by itself is an {@link IllegalArgumentException} of the method that
 * takes it, and null where nothing may be null is a {@link NullPointerException}.
 */
public class InvalidRequestException extends ControlNetException {

  /**
   * Makes something of values that a person wrote in a form, a command or a file. Meant for the
   * doors of applications: what a setter, a constructor or a factory refuses as an {@link
   * IllegalArgumentException} is the person's mistake there, not the program's. Nothing but such
   * calls belongs inside, so that the program's own mistakes are not taken for the person's.
   *
   * @param values makes it
   * @param <T> what it makes
   * @return what was made
   * @throws InvalidRequestException with the message of what was refused
   */
  public static <T> T checking(Supplier<T> values) {
    try {
      return values.get();
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public InvalidRequestException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public InvalidRequestException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
