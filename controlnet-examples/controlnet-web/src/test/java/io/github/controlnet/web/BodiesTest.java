package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.json.JsonFields;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.converter.json.Jackson2ObjectMapperBuilder;
import org.springframework.util.unit.DataSize;

/** How the bodies of requests become JSON. */
class BodiesTest {
  private static ObjectMapper mapper(DataSize upload) {
    DataSize size = DataSize.ofMegabytes(1);
    WebProperties limits =
        new WebProperties(
            null, 1, size, 1, size, upload, 1, 1, 1, 1, Duration.ofSeconds(1), 1, Map.of());
    Jackson2ObjectMapperBuilder builder = Jackson2ObjectMapperBuilder.json();
    new WebApplication().bodies(limits).customize(builder);
    return builder.build();
  }

  @Test
  void aPictureMayBeAsLargeAsABody() throws Exception {
    ObjectMapper mapper = mapper(DataSize.ofMegabytes(48));
    // Jackson's own limit is 20 million characters.
    String text = "x".repeat(21_000_000);
    assertThat(mapper.readTree("\"" + text + "\"").textValue()).hasSameSizeAs(text);
  }

  @Test
  void numbersKeepTheirDigitsAndNothingIsThereTwice() throws Exception {
    ObjectMapper mapper = mapper(DataSize.ofMegabytes(1));
    JsonNode seed = mapper.readTree("{\"seed\": 6687881544318117707.0}");
    assertThat(JsonFields.of(seed).get("seed").longInteger()).contains(6687881544318117707L);
    for (String wrong :
        new String[] {"{\"a\": 1, \"a\": 2}", "{} {}", "[".repeat(65), "{'a': 1}"}) {
      assertThatThrownBy(() -> mapper.readTree(wrong))
          .as(wrong)
          .isInstanceOf(JsonProcessingException.class);
    }
  }
}
