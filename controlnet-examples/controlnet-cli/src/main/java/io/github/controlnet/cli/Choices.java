package io.github.controlnet.cli;

import io.github.controlnet.Device;
import io.github.controlnet.GuessMode;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.ModelLayout;
import io.github.controlnet.OffloadPolicy;
import io.github.controlnet.Precision;
import io.github.controlnet.ResizeMode;
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

  static final class ToResizeMode implements ITypeConverter<ResizeMode> {
    @Override
    public ResizeMode convert(String text) {
      return choose(text, Arrays.asList(ResizeMode.values()));
    }
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
