package io.github.controlnet.cli;

import io.github.controlnet.ControlMode;
import io.github.controlnet.GuessMode;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Preset;
import io.github.controlnet.Presets;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.provenance.WebUiWords;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.HintInitialization;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.model.ZeroConvolutions;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the words of options. */
final class Choices {
  private Choices() {}

  /** One of some values, by its word. */
  private abstract static class OneOf<E extends Enum<E>> implements ITypeConverter<E> {
    private final List<E> legal;

    OneOf(List<E> legal) {
      this.legal = legal;
    }

    /** Reads the word of another program. */
    Optional<E> elsewhere(String text) {
      return Optional.empty();
    }

    @Override
    public final E convert(String text) {
      return legal.stream()
          .filter(value -> word(value).equals(text.toLowerCase(Locale.ROOT)))
          .findFirst()
          .or(() -> elsewhere(text))
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "\"%s\" is not one of: %s"
                          .formatted(
                              text,
                              legal.stream()
                                  .map(Choices::word)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  /** The word for a value, as it is typed and reported. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static final class ToPrecision extends OneOf<Precision> {
    ToPrecision() {
      super(List.of(Precision.values()));
    }
  }

  static final class ToPreset implements ITypeConverter<Preset> {
    @Override
    public Preset convert(String text) {
      try {
        return Presets.named(text.toLowerCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  static final class ToLayout extends OneOf<ModelLayout> {
    ToLayout() {
      super(List.of(ModelLayout.values()));
    }
  }

  static final class ToOffload extends OneOf<OffloadPolicy> {
    ToOffload() {
      super(List.of(OffloadPolicy.values()));
    }
  }

  static final class ToGuessWeights extends OneOf<GuessMode> {
    ToGuessWeights() {
      super(List.of(GuessMode.ORIGINAL, GuessMode.DIFFUSERS));
    }
  }

  static final class ToPromptSyntax extends OneOf<PromptSyntax> {
    ToPromptSyntax() {
      super(List.of(PromptSyntax.values()));
    }
  }

  static final class ToTimestepSpacing extends OneOf<TimestepSpacing> {
    ToTimestepSpacing() {
      super(List.of(TimestepSpacing.values()));
    }
  }

  static final class ToPredictionType extends OneOf<PredictionType> {
    ToPredictionType() {
      super(List.of(PredictionType.values()));
    }
  }

  static final class ToResizeMode extends OneOf<ResizeMode> {
    ToResizeMode() {
      super(List.of(ResizeMode.values()));
    }

    @Override
    Optional<ResizeMode> elsewhere(String text) {
      return WebUiWords.resizeMode(text);
    }
  }

  static final class ToMaskedContent extends OneOf<MaskedContent> {
    ToMaskedContent() {
      super(List.of(MaskedContent.values()));
    }
  }

  static final class ToHintInitialization extends OneOf<HintInitialization> {
    ToHintInitialization() {
      super(List.of(HintInitialization.values()));
    }
  }

  static final class ToZeroConvolutions extends OneOf<ZeroConvolutions> {
    ToZeroConvolutions() {
      super(List.of(ZeroConvolutions.values()));
    }
  }

  static final class ToControlMode extends OneOf<ControlMode> {
    ToControlMode() {
      super(List.of(ControlMode.values()));
    }

    @Override
    Optional<ControlMode> elsewhere(String text) {
      return WebUiWords.controlMode(text);
    }
  }

  /** Numbers separated by commas. */
  static final class ToNumbers implements ITypeConverter<double[]> {
    @Override
    public double[] convert(String text) {
      return numbers(text, text.split(",", -1), "numbers separated by commas, such as 1,0.8,0.5");
    }
  }

  /** A range, or numbers separated by commas. */
  static final class ToScaleSchedule implements ITypeConverter<ScaleSchedule> {
    @Override
    public ScaleSchedule convert(String text) {
      try {
        return ScaleSchedule.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static double[] numbers(String text, String[] parts, String expected) {
    try {
      return Arrays.stream(parts).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw unlike(text, expected);
    }
  }

  private static TypeConversionException unlike(String text, String expected) {
    return new TypeConversionException("\"%s\" is not as expected: %s".formatted(text, expected));
  }

  static final class ToDevice implements ITypeConverter<Device> {
    @Override
    public Device convert(String text) {
      try {
        return Device.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
