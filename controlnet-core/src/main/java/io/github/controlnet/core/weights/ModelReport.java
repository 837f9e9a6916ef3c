package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Family;
import java.util.List;

/**
 * What a weights file or folder is.
 *
 * @param kind what it can be used as
 * @param family the base family that it belongs to
 * @param format how it is stored, such as {@code safetensors}
 * @param parts its components, each with its size
 * @param parameters values of all parts together
 * @param bytes bytes of all parts together
 * @param dtypes the number types in it, the one with the most values first
 * @param fits what it can be used with or for, a sentence
 * @param notes what else is worth knowing, a sentence each
 * @param tensors every tensor under its name in the file
 */
public record ModelReport(
    Kind kind,
    Family family,
    String format,
    List<Part> parts,
    long parameters,
    long bytes,
    List<String> dtypes,
    String fits,
    List<String> notes,
    List<Tensor> tensors) {

  /** Copies the lists. */
  public ModelReport {
    parts = List.copyOf(parts);
    dtypes = List.copyOf(dtypes);
    notes = List.copyOf(notes);
    tensors = List.copyOf(tensors);
  }

  /** What a file can be used as. */
  public enum Kind {
    /** A whole base model. */
    BASE("base model"),
    /** A whole base model with a control in the same file. */
    BASE_WITH_CONTROL("base model with control"),
    /** A control alone. */
    CONTROL("control"),
    /** A U-Net alone. */
    UNET("U-Net"),
    /** An autoencoder alone. */
    AUTOENCODER("autoencoder (VAE)"),
    /** A text encoder alone. */
    TEXT_ENCODER("text encoder"),
    /** Some parts of a base model, but not all. */
    INCOMPLETE_BASE("incomplete base model"),
    /** Low-rank changes to a base model. */
    LORA("LoRA"),
    /** Weights of something else, such as an annotator. */
    UNKNOWN("unknown");

    private final String displayName;

    Kind(String displayName) {
      this.displayName = displayName;
    }

    /**
     * Returns the name to show to people.
     *
     * @return such as {@code base model}
     */
    public String displayName() {
      return displayName;
    }
  }

  /**
   * A component.
   *
   * @param name such as {@code text encoder}, {@code VAE}, {@code U-Net}, {@code control}
   * @param parameters its number of values
   * @param bytes its size as stored
   * @param share its share of all parameters, 0 to 1
   */
  public record Part(String name, long parameters, long bytes, double share) {}

  /**
   * A tensor.
   *
   * @param name its name in the file
   * @param dtype its number type, as safetensors calls it
   * @param shape its shape
   */
  public record Tensor(String name, String dtype, List<Long> shape) {
    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }
  }
}
