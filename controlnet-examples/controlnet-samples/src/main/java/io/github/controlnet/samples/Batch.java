package io.github.controlnet.samples;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Prompt;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Several prompts in one call, two pictures of each, every picture with a seed of its own and with
 * everything inside its file that makes it again.
 */
public final class Batch {
  private Batch() {}

  /**
   * Draws them.
   *
   * @param args the output folder
   * @throws IOException when a picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    GenerationRequest request =
        GenerationRequest.builder()
            .prompts(List.of(Prompt.of("a cup of coffee"), new Prompt("a red bird", "blurry")))
            .imagesPerPrompt(2)
            .seeds(1, 2, 3, 4)
            .size(64, 64)
            .steps(4)
            .build();
    Path folder = Files.createDirectories(Path.of(args.length == 0 ? "out" : args[0]));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .sampler(Samplers.named("dpmpp_2m_karras"))
            .build()) {
      GenerationResult result = pipeline.generate(request);
      PictureRecord record = PictureRecord.of(result, WeightHashes.ofUser());
      for (int i = 0; i < result.images().size(); i++) {
        // ./controlnet generate --from out/batch-3.png makes the same picture again
        Path file = folder.resolve("batch-%d.png".formatted(result.seeds().get(i)));
        System.out.println(Files.write(file, record.png(i)));
      }
    }
  }
}
