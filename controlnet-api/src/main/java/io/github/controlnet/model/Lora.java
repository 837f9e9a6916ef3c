package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names a LoRA, or another file of changes to a base's weights (LoCon, LoHa, LoKr, DoRA, full
 * differences, norms, OFT, BOFT, IA3), and says how much of it to take. Nothing is opened until a
 * pipeline or a request uses it. It acts on the base's U-Net and text encoder, never on controls.
 * Immutable; two are equal when all that was said is.
 */
public final class Lora {
  private final @Nullable Path path;
  private final @Nullable HubReference reference;
  private final double unetScale;
  private final double textScale;
  private final boolean ignoringUnknownKeys;

  private Lora(
      @Nullable Path path,
      @Nullable HubReference reference,
      double unetScale,
      double textScale,
      boolean ignoringUnknownKeys) {
    this.path = path;
    this.reference = reference;
    this.unetScale = unetScale;
    this.textScale = textScale;
    this.ignoringUnknownKeys = ignoringUnknownKeys;
  }

  /**
   * Names a LoRA on disk.
   *
   * @param path safetensors or a PyTorch checkpoint ({@code .pt}, {@code .pth}, {@code .bin}), in
   *     the layout of kohya's scripts, LyCORIS, diffusers or PEFT; or a folder with {@code
   *     pytorch_lora_weights} or {@code adapter_model}
   * @return the LoRA, with a scale of 1
   * @throws NullPointerException when it is null
   */
  public static Lora of(Path path) {
    return new Lora(Values.nonNull(path, "the LoRA's path"), null, 1, 1, false);
  }

  /**
   * Names a LoRA on the Hugging Face hub. It is fetched when it is first used, into the cache that
   * Python's libraries use too.
   *
   * @param id {@code org/name}, such as {@code latent-consistency/lcm-lora-sdv1-5}, or {@code
   *     org/name/path/file} for one file; {@code @revision} behind it pins the revision
   * @return the LoRA, with a scale of 1
   * @throws IllegalArgumentException when it is no id
   */
  public static Lora hub(String id) {
    return hub(HubReference.of(id));
  }

  /**
   * Names a LoRA on the Hugging Face hub, for example at a certain revision.
   *
   * @param reference what to fetch
   * @return the LoRA, with a scale of 1
   * @throws NullPointerException when it is null
   */
  public static Lora hub(HubReference reference) {
    return new Lora(null, Values.nonNull(reference, "the reference to the hub"), 1, 1, false);
  }

  /**
   * Sets how much of the changes to take, of the U-Net's and the text encoder's alike.
   *
   * @param scale 1 for the changes as they were learned, 0 for none; negative and larger ones are
   *     taken as they are
   * @return a new value
   * @throws IllegalArgumentException when it is not finite
   */
  public Lora withScale(double scale) {
    return withScales(scale, scale);
  }

  /**
   * Sets how much of the changes to take, for each network.
   *
   * @param unet for the U-Net
   * @param text for the text encoder
   * @return a new value
   * @throws IllegalArgumentException when one is not finite
   */
  public Lora withScales(double unet, double text) {
    return new Lora(
        path,
        reference,
        Values.finite(unet, "the LoRA's scale for the U-Net"),
        Values.finite(text, "the LoRA's scale for the text encoder"),
        ignoringUnknownKeys);
  }

  /**
   * Takes a file of which not all is understood: what is of no known method, or for no module of
   * the base, is left out. Without it such a file is refused.
   *
   * @return a new value
   */
  public Lora ignoringUnknownKeys() {
    return new Lora(path, reference, unetScale, textScale, true);
  }

  /**
   * Returns where it is, when it was named by a path.
   *
   * @return the path as it was given
   * @throws IllegalStateException when it was named by an id of a hub
   */
  public Path path() {
    if (path == null) {
      throw new IllegalStateException(
          "The LoRA %s was named by an id of a hub, so it has no path of its own; see hubReference()."
              .formatted(reference));
    }
    return path;
  }

  /**
   * Returns what it is on the hub, when it was named so.
   *
   * @return the reference; empty for one on disk, which has a {@link #path()}
   */
  public Optional<HubReference> hubReference() {
    return Optional.ofNullable(reference);
  }

  /**
   * Returns how much of the U-Net's changes is taken.
   *
   * @return a finite number
   */
  public double unetScale() {
    return unetScale;
  }

  /**
   * Returns how much of the text encoder's changes is taken.
   *
   * @return a finite number
   */
  public double textScale() {
    return textScale;
  }

  /**
   * Tells whether what is not understood is left out.
   *
   * @return false when such a file is refused
   */
  public boolean ignoresUnknownKeys() {
    return ignoringUnknownKeys;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Lora lora
        && Objects.equals(path, lora.path)
        && Objects.equals(reference, lora.reference)
        && unetScale == lora.unetScale
        && textScale == lora.textScale
        && ignoringUnknownKeys == lora.ignoringUnknownKeys;
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, reference, unetScale, textScale, ignoringUnknownKeys);
  }

  /** Returns the path or id, and the scales behind a colon. */
  @Override
  public String toString() {
    return "%s:%s%s"
        .formatted(
            path == null ? reference : path,
            unetScale,
            unetScale == textScale ? "" : ":" + textScale);
  }
}
