package io.github.controlnet.cli;

import io.github.controlnet.ControlMode;
import io.github.controlnet.Device;
import io.github.controlnet.GuessMode;
import io.github.controlnet.HintInitialization;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.ModelLayout;
import io.github.controlnet.OffloadPolicy;
import io.github.controlnet.Precision;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.ResizeMode;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.ZeroConvolutions;
import io.github.controlnet.spi.scheduler.PredictionType;
import io.github.controlnet.spi.scheduler.TimestepSpacing;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the words of options. */
final class Choices {
  private Choices() {}

  private static <E extends Enum<E>> E choose(String text, List<E> legal) {
    return legal.stream()
        .filter(value -> word(value).equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "\"%s\" is not one of: %s"
                        .formatted(
                            text,
                            legal.stream().map(Choices::word).collect(Collectors.joining(", ")))));
  }

  /** The word for a value, as it is typed and reported. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static final class ToPrecision implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String text) {
      return choose(text, Arrays.asList(Precision.values()));
    }
  }

  static final class ToLayout implements ITypeConverter<ModelLayout> {
    @Override
    public ModelLayout convert(String text) {
      return choose(text, Arrays.asList(ModelLayout.values()));
    }
  }

  /** Streaming weights block by block is not built yet, so it is no choice here. */
  static final class ToOffload implements ITypeConverter<OffloadPolicy> {
    @Override
    public OffloadPolicy convert(String text) {
      return choose(text, List.of(OffloadPolicy.NONE, OffloadPolicy.MODEL));
    }
  }

  static final class ToGuessWeights implements ITypeConverter<GuessMode> {
    @Override
    public GuessMode convert(String text) {
      return choose(text, List.of(GuessMode.ORIGINAL, GuessMode.DIFFUSERS));
    }
  }

  static final class ToPromptSyntax implements ITypeConverter<PromptSyntax> {
    @Override
    public PromptSyntax convert(String text) {
      return choose(text, Arrays.asList(PromptSyntax.values()));
    }
  }

  static final class ToTimestepSpacing implements ITypeConverter<TimestepSpacing> {
    @Override
    public TimestepSpacing convert(String text) {
      return choose(text, Arrays.asList(TimestepSpacing.values()));
    }
  }

  static final class ToPredictionType implements ITypeConverter<PredictionType> {
    @Override
    public PredictionType convert(String text) {
      return choose(text, Arrays.asList(PredictionType.values()));
    }
  }

  static final class ToResizeMode implements ITypeConverter<ResizeMode> {
    @Override
    public ResizeMode convert(String text) {
      return choose(text, Arrays.asList(ResizeMode.values()));
    }
  }

  static final class ToHintInitialization implements ITypeConverter<HintInitialization> {
    @Override
    public HintInitialization convert(String text) {
      return choose(text, Arrays.asList(HintInitialization.values()));
    }
  }

  static final class ToZeroConvolutions implements ITypeConverter<ZeroConvolutions> {
    @Override
    public ZeroConvolutions convert(String text) {
      return choose(text, Arrays.asList(ZeroConvolutions.values()));
    }
  }

  static final class ToControlMode implements ITypeConverter<ControlMode> {
    @Override
    public ControlMode convert(String text) {
      return choose(text, Arrays.asList(ControlMode.values()));
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
    private static final String EXPECTED =
        "FROM..TO, such as 1..0.2, or one number for each step, such as 1,0.8,0.5";

    @Override
    public ScaleSchedule convert(String text) {
      boolean range = text.contains("..");
      double[] numbers = numbers(text, text.split(range ? "\\.\\." : ",", -1), EXPECTED);
      if (range && numbers.length != 2) {
        throw unlike(text, EXPECTED);
      }
      try {
        return range
            ? ScaleSchedule.linear(numbers[0], numbers[1])
            : ScaleSchedule.perStep(numbers);
      } catch (InvalidRequestException e) {
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
      } catch (InvalidRequestException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
