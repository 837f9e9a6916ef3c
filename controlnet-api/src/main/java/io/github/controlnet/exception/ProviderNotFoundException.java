package io.github.controlnet.exception;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** No annotator, sampler, engine or pipeline of the wanted name is on the class path. */
public class ProviderNotFoundException extends ControlNetException {
  private final String kind;
  private final String name;
  private final List<String> available;

  /**
   * Creates an exception whose message names the kind, the name, what there is and what to add.
   *
   * @param kind what was looked for, such as {@code annotator}
   * @param name the name that was not found
   * @param available the names that are there
   * @param remedy which artifact to add, as a sentence
   */
  public ProviderNotFoundException(
      String kind, String name, Collection<String> available, String remedy) {
    super(
        Help.NOT_ON_THE_CLASS_PATH.after(
            "There is no %s named \"%s\"; available: %s. %s"
                .formatted(
                    kind,
                    name,
                    available.isEmpty() ? "none" : String.join(", ", new TreeSet<>(available)),
                    remedy)));
    this.kind = kind;
    this.name = name;
    this.available = List.copyOf(new TreeSet<>(available));
  }

  /**
   * Returns what was looked for.
   *
   * @return such as {@code annotator}
   */
  public String kind() {
    return kind;
  }

  /**
   * Returns the name that was not found.
   *
   * @return the name as it was asked for
   */
  public String name() {
    return name;
  }

  /**
   * Returns what is there instead.
   *
   * @return the names in alphabetical order
   */
  public List<String> available() {
    return available;
  }
}
