package io.github.controlnet.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.InvalidRequestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records of this library that others wrote or changed. */
class RecordReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static ObjectNode record() {
    try {
      return (ObjectNode)
          JSON.readTree(
              """
              {"format": 1, "image": 0, "prompts": [{"text": "a", "negative": "b"}],
               "imagesPerPrompt": 2, "seeds": [3, 3], "seedPerImage": false, "width": 64, "height": 32,
               "steps": 4, "guidance": {"scale": 3}, "sampler": "euler",
               "controls": [{"map": "k", "scale": 1, "layerWeights": []}]}
              """);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(int width, int height) {
    return Base64.getEncoder()
        .encodeToString(
            PngText.encode(
                new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY), Map.of()));
  }

  private static byte[] png(JsonNode record, Map<String, String> pictures) {
    Map<String, String> texts = new HashMap<>(pictures);
    texts.put("controlnet-java", record.toString());
    return PngText.encode(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), texts);
  }

  private static void assertRefused(JsonNode record, Map<String, String> pictures, String why) {
    assertThatThrownBy(() -> Recipe.read(png(record, pictures)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("The record in the picture is damaged or not usable")
        .hasMessageContaining(why);
  }

  @Test
  void aMapThatIsNamedManyTimesIsDecodedOnce() {
    ObjectNode record = record();
    for (int i = 0; i < 59; i++) {
      record.withArray("/controls").add(record.path("controls").path(0).deepCopy());
    }
    byte[] png = png(record, Map.of("k", encoded(400, 400)));
    GenerationRequest request = Recipe.read(png, 160_000).orElseThrow().request().build();
    assertThat(request.controls().list()).hasSize(60);
    assertThat(request.controls().list().stream().map(ControlInput::image).distinct()).hasSize(1);
    assertThatThrownBy(() -> Recipe.read(png, 159_999))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more than 159999 pixels");
  }

  @Test
  void thePixelsOfAllPicturesAreBounded() {
    ObjectNode record = record();
    ObjectNode second = ((ObjectNode) record.path("controls").path(0)).deepCopy();
    record.withArray("/controls").add(second.put("map", "l").put("mask", "m"));
    Map<String, String> pictures =
        Map.of("k", encoded(40, 40), "l", encoded(40, 40), "m", encoded(40, 40));
    assertThat(Recipe.read(png(record, pictures), 4800)).isPresent();
    assertThatThrownBy(() -> Recipe.read(png(record, pictures), 4799))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("\"m\"");
  }

  @Test
  void aLargePictureIsRefusedBeforeItIsUnpacked() {
    ByteBuffer header = ByteBuffer.allocate(33);
    header.putLong(0x89504e470d0a1a0aL).putInt(13).putInt(0x49484452);
    for (int[] size : new int[][] {{15800, 15800}, {8193, 8192}, {0, 5}, {-1, -1}, {5, -5}}) {
      header.putInt(16, size[0]).putInt(20, size[1]);
      String text = Base64.getEncoder().encodeToString(header.array());
      assertRefused(record(), Map.of("k", text), "\"k\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "seeds | [] | empty",
        "seeds | {\"a\": 1} | ",
        "seeds | [\"x\"] | ",
        "seeds | [-7] | -7",
        "seeds | null | \"seeds\"",
        "prompts | [] | empty",
        "steps | 0 | steps",
        "imagesPerPrompt | 0 | images",
        "image | 2 | picture 2",
        "image | -1 | picture -1",
        "width | 4 | width",
        "eta | 3 | Eta",
        "clipSkip | 0 | Clip skip",
        "promptSyntax | \"NO\" | NO",
        "precision | \"NO\" | NO",
        "guidance | {\"scale\": []} | ",
        "guidance | {\"scale\": \"1,x\"} | x",
        "guidance | {\"scale\": 3, \"start\": 2} | ",
        "guidance | 3 | \"scale\"",
        "promptEmbeddings | {\"float32\": \"*\"} | ",
        "init | {\"image\": \"none\", \"strength\": 1} | \"none\"",
        "init | {\"image\": \"k\", \"strength\": 7} | strength",
        "controls | [{\"map\": \"k\", \"scale\": 1}] | \"layerWeights\"",
        "controls | [{\"map\": \"k\", \"scale\": 1, \"layerWeights\": {}}] | ",
        "controls | [{\"map\": \"k\", \"scale\": 1, \"layerWeights\": [], \"start\": 0.9, \"end\": 0.1}] | ",
        "controls | [{\"scale\": 1, \"layerWeights\": []}] | ",
        "controls | [3] | ",
      })
  void damagedRecordsAreRefused(String field, String value, String why)
      throws JsonProcessingException {
    ObjectNode record = record();
    record.set(field, JSON.readTree(value));
    assertRefused(record, Map.of("k", encoded(8, 8)), why == null ? "" : why);
  }

  @Test
  void picturesThatAreNoneAreRefused() {
    for (String text :
        List.of("", "*", "AAAA", Base64.getEncoder().encodeToString(new byte[200]))) {
      assertRefused(record(), Map.of("k", text), "");
    }
    String whole = encoded(64, 64);
    assertRefused(record(), Map.of("k", whole.substring(0, whole.length() / 8 * 4)), "");
  }

  @Test
  void samplersThatAreNotHereAreRefused() {
    assertThatThrownBy(
            () -> Recipe.read(png(record().put("sampler", "other"), Map.of("k", encoded(8, 8)))))
        .isInstanceOf(ControlNetException.class)
        .hasMessageContaining("other");
  }

  @Test
  void whatANewerVersionAddsIsNamed() {
    ObjectNode record = record();
    record.put("future", "x").putNull("nothing");
    ((ObjectNode) record.path("guidance")).put("more", 2);
    ((ObjectNode) record.path("controls").path(0)).put("type", "pose");
    Recipe recipe = Recipe.read(png(record, Map.of("k", encoded(8, 8)))).orElseThrow();
    assertThat(recipe.unmapped())
        .containsExactly(
            "future: \"x\" (not known to this version)",
            "guidance.more: 2 (not known to this version)",
            "controls[0].type: \"pose\" (not known to this version)");
  }

  @Test
  void theAnnotatorOfAMapStaysKnown() {
    ObjectNode record = record();
    ObjectNode control = (ObjectNode) record.path("controls").path(0);
    control.put("annotator", "canny").putObject("annotatorOptions").put("low", "7");
    Map<String, String> pictures = Map.of("k", encoded(8, 8), "p", encoded(16, 16));
    ControlInput map =
        Recipe.read(png(record, pictures)).orElseThrow().request().build().controls().list().get(0);
    assertThat(map.annotator()).isEmpty();
    assertThat(map.mapAnnotator()).contains("canny");
    assertThat(map.mapOptions()).isEqualTo(Map.of("low", "7"));
    control.put("image", "p");
    ControlInput photo =
        Recipe.read(png(record, pictures)).orElseThrow().request().build().controls().list().get(0);
    assertThat(photo.annotator()).contains("canny");
    assertThat(photo.annotatorOptions()).isEqualTo(Map.of("low", "7"));
    control.put("annotatedBefore", true).put("mask", "k");
    ControlInput masked =
        Recipe.read(png(record, pictures)).orElseThrow().request().build().controls().list().get(0);
    assertThat(masked.annotator()).isEmpty();
    assertThat(masked.mapAnnotator()).contains("canny");
    assertThat(masked.image().getWidth()).isEqualTo(16);
    assertThat(masked.mask()).isPresent();
  }

  @Test
  void manyTextsThatUnpackWithoutEndTakeNoTime() {
    Deflater deflater = new Deflater();
    deflater.setInput(new byte[PngText.MOST_UNPACKED + 1]);
    deflater.finish();
    byte[] packed = new byte[1 << 16];
    int length = deflater.deflate(packed);
    deflater.end();
    byte[] chunk =
        ByteBuffer.allocate(length + 7)
            .put("zTXtk\0\0".getBytes(StandardCharsets.US_ASCII))
            .put(packed, 0, length)
            .array();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    for (int i = 0; i < 2000; i++) {
      png.writeBytes(chunk(chunk));
    }
    png.writeBytes(chunk("tEXta\0b".getBytes(StandardCharsets.US_ASCII)));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> assertThat(PngText.read(png.toByteArray())).isEqualTo(Map.of("a", "b")));
  }

  private static byte[] chunk(byte[] typed) {
    CRC32 crc = new CRC32();
    crc.update(typed);
    return ByteBuffer.allocate(typed.length + 8)
        .putInt(typed.length - 4)
        .put(typed)
        .putInt((int) crc.getValue())
        .array();
  }

  @Test
  void hashesUnderNamesThatAreNoPathsAreNotFound() {
    assertThat(new WeightHashes(folder.resolve("memory.json")).find(Map.of("a\0b", "x"))).isEmpty();
  }
}
