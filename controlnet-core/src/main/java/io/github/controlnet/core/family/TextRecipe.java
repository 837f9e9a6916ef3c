package io.github.controlnet.core.family;

import io.github.controlnet.engine.EncodedText;
import java.util.List;
import java.util.Optional;

/**
 * How a family's texts are made of what its text encoders give.
 *
 * @param encoders the encoders, at least one, in the order in which their hidden states lie side by
 *     side
 */
public record TextRecipe(List<Encoder> encoders) {

  /** Copies the list. */
  public TextRecipe {
    encoders = List.copyOf(encoders);
    if (encoders.isEmpty()) {
      throw new IllegalArgumentException("A recipe for texts needs an encoder.");
    }
  }

  /**
   * A text encoder's part.
   *
   * @param role which of the model's components it is
   * @param skippedLayers how many of its last layers the family leaves out, besides what a request
   *     leaves out
   * @param pooled whether its pooled vectors are the text's
   */
  public record Encoder(Role role, int skippedLayers, boolean pooled) {}

  /**
   * Joins what the encoders gave for the same texts.
   *
   * @param parts what each encoder gave, in their order; as many texts and tokens in all
   * @return hidden states side by side, the first encoder's first, and the pooled vectors of the
   *     encoder whose they are
   * @throws IllegalArgumentException when the parts are not one for each encoder, or differ in
   *     their texts or tokens
   */
  public EncodedText join(List<EncodedText> parts) {
    EncodedText first = parts.get(0);
    boolean fit =
        parts.size() == encoders.size()
            && parts.stream()
                .allMatch(part -> part.texts() == first.texts() && part.tokens() == first.tokens());
    if (!fit) {
      throw new IllegalArgumentException(
          "%d encoded texts for %d encoders; expected one for each, of as many texts and tokens."
              .formatted(parts.size(), encoders.size()));
    }
    EncodedText joined = sideBySide(parts);
    return pooled(parts).map(joined::withPooled).orElse(joined);
  }

  private Optional<float[]> pooled(List<EncodedText> parts) {
    for (int i = 0; i < encoders.size(); i++) {
      if (encoders.get(i).pooled()) {
        return parts.get(i).pooled();
      }
    }
    return Optional.empty();
  }

  private static EncodedText sideBySide(List<EncodedText> parts) {
    EncodedText first = parts.get(0);
    if (parts.size() == 1) {
      return EncodedText.of(first.texts(), first.tokens(), first.width(), first.hiddenStates());
    }
    int width = parts.stream().mapToInt(EncodedText::width).sum();
    int rows = first.texts() * first.tokens();
    float[] states = new float[rows * width];
    int column = 0;
    for (EncodedText part : parts) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(
            part.hiddenStates(), row * part.width(), states, row * width + column, part.width());
      }
      column += part.width();
    }
    return EncodedText.of(first.texts(), first.tokens(), width, states);
  }
}
