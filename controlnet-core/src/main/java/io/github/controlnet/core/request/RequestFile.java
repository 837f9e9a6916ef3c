package io.github.controlnet.core.request;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A request as JSON in a file. Its images are files, whose paths begin at the folder of the
 * request, or data addresses in base64.
 */
public final class RequestFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private final Path file;
  private final JsonNode tree;

  private RequestFile(Path file, JsonNode tree) {
    this.file = file;
    this.tree = tree;
  }

  /**
   * Reads the file; what the request says is not looked at yet.
   *
   * @param file a file with one JSON object
   * @return the file's request
   * @throws InvalidRequestException when the file cannot be read, or holds no JSON
   */
  public static RequestFile open(Path file) {
    try {
      JsonNode tree = JSON.readTree(Files.readString(file));
      return new RequestFile(file, tree);
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new InvalidRequestException(
          "The request %s is no JSON%s: %s"
              .formatted(
                  file,
                  place == null
                      ? ""
                      : " (line %d, column %d)".formatted(place.getLineNr(), place.getColumnNr()),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new InvalidRequestException(
          "The request %s cannot be read: %s. Check the path and its permissions."
              .formatted(file, e),
          e);
    }
  }

  /**
   * Reads the request, with the images that it names.
   *
   * @param controls finds a control by its place, from 0, where an input says which it is for; what
   *     it throws is told with the field
   * @return a builder, to which more can be said
   * @throws io.github.controlnet.core.json.FieldException when a field is not known or not legal,
   *     or an image cannot be read; the message begins with the path of the field
   */
  public GenerationRequest.Builder request(IntFunction<ControlModel> controls) {
    JsonFields fields = JsonFields.of(tree);
    GenerationRequest.Builder request = RequestCodec.read(fields, new Source(controls));
    fields.finish();
    return request;
  }

  /** Files and data addresses. */
  private final class Source implements RequestSource {
    private final IntFunction<ControlModel> controls;

    Source(IntFunction<ControlModel> controls) {
      this.controls = controls;
    }

    @Override
    public BufferedImage image(String reference) {
      return read(reference, Images::read, Images::read);
    }

    @Override
    public BufferedImage mask(String reference) {
      return read(reference, Images::readMask, Images::readMask);
    }

    @Override
    public ControlModel control(int place) {
      return controls.apply(place);
    }

    @Override
    public Lora lora(String name) {
      try {
        Path path = file.toAbsolutePath().resolveSibling(name).normalize();
        if (Files.exists(path)) {
          return Lora.of(path);
        }
        return Lora.hub(name);
      } catch (IllegalArgumentException e) {
        throw new InvalidRequestException(
            "There is no LoRA \"%s\"; expected a path, seen from the folder of the request, or an id of the hub."
                .formatted(name),
            e);
      }
    }

    private BufferedImage read(
        String reference,
        Function<byte[], BufferedImage> ofBytes,
        Function<Path, BufferedImage> ofFile) {
      if (reference.startsWith("data:")) {
        int comma = reference.indexOf(',');
        if (comma < 0 || !reference.substring(0, comma).endsWith(";base64")) {
          throw new InvalidRequestException(
              "The data address is not in base64; expected data:image/png;base64,...");
        }
        return ofBytes.apply(Base64.getMimeDecoder().decode(reference.substring(comma + 1)));
      }
      return ofFile.apply(path(reference));
    }

    private Path path(String reference) {
      try {
        Path path = file.toAbsolutePath().resolveSibling(reference).normalize();
        if (Files.isRegularFile(path)) {
          return path;
        }
        throw new InvalidRequestException(
            "There is no file %s; expected the path of an image, seen from the folder of the request, or a data address."
                .formatted(path));
      } catch (InvalidPathException e) {
        throw new InvalidRequestException("\"%s\" is no path.".formatted(reference), e);
      }
    }
  }
}
