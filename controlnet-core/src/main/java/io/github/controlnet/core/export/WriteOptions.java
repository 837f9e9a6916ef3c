package io.github.controlnet.core.export;

import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.progress.CancellationToken;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How weights are written.
 *
 * @param dtype the number type of all floating-point tensors: F32, F16 or BF16; empty keeps each as
 *     it is. Whole numbers are always kept.
 * @param metadata text that goes along, by key; safetensors keep it, PyTorch checkpoints have no
 *     place for it
 * @param overwrite whether what is there may be replaced; if not, it is refused
 * @param cancellation ends the writing, which then leaves nothing behind
 */
public record WriteOptions(
    Optional<DType> dtype,
    Map<String, String> metadata,
    boolean overwrite,
    CancellationToken cancellation) {

  /**
   * Checks the number type and copies the metadata.
   *
   * @throws IllegalArgumentException when weights cannot be written as this type
   */
  public WriteOptions {
    dtype.ifPresent(
        type -> {
          if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
            throw new IllegalArgumentException(
                "Weights cannot be written as %s; expected F32, F16 or BF16.".formatted(type));
          }
        });
    metadata = Map.copyOf(metadata);
  }

  /**
   * Returns options that keep every number type and replace nothing.
   *
   * @return the options
   */
  public static WriteOptions defaults() {
    return new WriteOptions(Optional.empty(), Map.of(), false, new CancellationToken());
  }

  /**
   * Sets the number type.
   *
   * @param type F32, F16 or BF16
   * @return new options
   * @throws IllegalArgumentException when it is another
   */
  public WriteOptions withDtype(DType type) {
    return new WriteOptions(Optional.of(type), metadata, overwrite, cancellation);
  }

  /**
   * Adds text that goes along.
   *
   * @param key its name; {@code format} is set by the writers
   * @param value the text
   * @return new options
   */
  public WriteOptions withMetadata(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(key, value);
    return new WriteOptions(dtype, all, overwrite, cancellation);
  }

  /**
   * Sets whether what is there may be replaced.
   *
   * @param allowed whether it may
   * @return new options
   */
  public WriteOptions withOverwrite(boolean allowed) {
    return new WriteOptions(dtype, metadata, allowed, cancellation);
  }

  /**
   * Sets what can end the writing.
   *
   * @param token the token
   * @return new options
   */
  public WriteOptions withCancellation(CancellationToken token) {
    return new WriteOptions(dtype, metadata, overwrite, token);
  }
}
