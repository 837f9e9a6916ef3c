package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Two pipelines over one set of weights in memory, used by several threads at once. */
public final class SharedWeights {
  private SharedWeights() {}

  /**
   * Draws with both.
   *
   * @param args the output folder
   * @throws IOException when a picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    BaseModel base = BaseModel.of(demo.base()); // the same object: its weights are loaded once
    try (ControlNetPipeline plain = ControlNetPipeline.builder().base(base).build();
        ControlNetPipeline edges =
            ControlNetPipeline.builder()
                .base(base)
                .control(ControlModel.of(demo.control()))
                .build()) {
      GenerationRequest free = GenerationRequest.builder().size(64, 64).steps(4).seed(1).build();
      GenerationRequest steered =
          GenerationRequest.builder()
              .control(ControlInput.annotate(Images.read(demo.photograph()), "canny"))
              .size(64, 64)
              .steps(4)
              .seed(1)
              .build();
      List<CompletableFuture<BufferedImage>> both =
          List.of(
              CompletableFuture.supplyAsync(() -> plain.generate(free).images().get(0)),
              CompletableFuture.supplyAsync(() -> edges.generate(steered).images().get(0)));
      Output.save(both.get(0).join(), args, "shared-plain.png");
      Output.save(both.get(1).join(), args, "shared-edges.png");
    }
  }
}
