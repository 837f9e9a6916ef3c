package io.github.controlnet.annotators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.network.OneFormerNetwork;
import io.github.controlnet.core.network.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneFormerTest {
  /** The input is the photograph with R, G, B as level / 255. */
  @ParameterizedTest
  @ValueSource(strings = {"oneformer", "oneformer_narrow", "oneformer_transformers"})
  void networkGivesTheOriginalsValues(String name) {
    OpenCv.load();
    List<String> lines = Resources.lines("learned/" + name + ".outputs");
    try (Networks networks = Networks.open(name);
        MatScope scope = new MatScope()) {
      var loaded =
          networks.load(RandomWeights.file(name), OneFormerNames::original, new OneFormerNetwork());
      BufferedImage photo = LearnedTest.photo(lines.get(0));
      FloatTensor picture =
          Planes.rgb(scope.keep(OpenCv.toMat(photo)), (level, channel) -> level / 255f);
      FloatTensor size = new FloatTensor(new float[] {photo.getHeight(), photo.getWidth()}, 2);
      List<FloatTensor> outputs = loaded.run(picture, size);
      LearnedTest.compare(outputs.get(0), lines.get(1));
      LearnedTest.compare(outputs.get(1), lines.get(2));
      assertThat(outputs.get(2).shape()).containsExactly(1, 1, photo.getHeight(), photo.getWidth());
    }
  }
}
