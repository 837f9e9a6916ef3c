package io.github.controlnet.annotators.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.RandomWeights;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneFormerTest {
  /** The input is the photograph with R, G, B as level / 255. */
  @ParameterizedTest
  @CsvSource({
    "oneformer, 150",
    "oneformer_narrow, 133",
    "oneformer_narrow_ade20k, 150",
    "oneformer_transformers, 133"
  })
  void networkGivesTheOriginalsValues(String name, int classes) {
    List<String> lines = Resources.lines("learned/" + name + ".outputs");
    BufferedImage photo = Resources.photo(lines.get(0));
    FloatTensor size = new FloatTensor(new float[] {photo.getHeight(), photo.getWidth()}, 2);
    OneFormerNetwork network = new OneFormerNetwork(classes);
    List<FloatTensor> outputs = NetworkParityTest.outputs(name, network, photo, size);
    NetworkParityTest.compare(outputs.get(0), lines.get(1));
    NetworkParityTest.compare(outputs.get(1), lines.get(2));
    assertThat(outputs.get(OneFormerNetwork.LABELS).shape())
        .containsExactly(1, 1, photo.getHeight(), photo.getWidth());
  }

  @Test
  void aNetworkOfAnotherDataSetIsRefused() {
    AnnotatorProvider provider = Annotators.named("seg_ofade20k");
    AnnotatorOptions options =
        provider.options(Map.of("model", RandomWeights.file("oneformer_narrow").toString()));
    assertThatThrownBy(() -> provider.create(options, Annotators.context()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tells 133 classes apart, expected 150");
  }

  /** The last sides are no multiples of 32, and there is a strip of one window. */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 200", "37, 61"})
  void photosOfAnySizeAreRead(int columns, int rows) {
    AnnotatorProvider provider = Annotators.named("seg_ofcoco");
    String file = RandomWeights.file("oneformer_narrow").toString();
    Map<String, String> options = Map.of("model", file, "input_size", "37");
    BufferedImage photo = Resources.photo(columns + "x" + rows);
    try (Annotator annotator = provider.create(provider.options(options), Annotators.context())) {
      BufferedImage map = annotator.annotate(photo).map();
      assertThat(List.of(map.getWidth(), map.getHeight())).containsExactly(columns, rows);
    }
  }
}
