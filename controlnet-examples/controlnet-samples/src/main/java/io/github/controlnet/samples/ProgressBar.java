package io.github.controlnet.samples;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.file.Path;

/** A progress bar, a preview of what is on its way, and a cancel button, here after six steps. */
public final class ProgressBar {
  private static final int ENOUGH = 6;

  private ProgressBar() {}

  /**
   * Draws, and thinks better of it.
   *
   * @param args the output folder
   * @throws IOException when the preview cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    CancellationToken cancel = new CancellationToken();
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt("a cup of coffee")
            .size(128, 128)
            .steps(20)
            .cancellation(cancel) // cancel() may be called from any thread
            .listener(
                step -> {
                  String bar =
                      "#".repeat(step.number()) + ".".repeat(step.totalSteps() - step.number());
                  System.out.printf("[%s] %d of %d%n", bar, step.number(), step.totalSteps());
                  if (step.number() == ENOUGH) {
                    save(step.preview().get(0), args);
                    cancel.cancel();
                  }
                })
            .build();
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(demo.base())).build()) {
      pipeline.generate(request);
    } catch (GenerationCancelledException e) {
      System.out.println("Cancelled.");
    }
  }

  private static void save(java.awt.image.BufferedImage preview, String[] args) {
    try {
      Output.save(preview, args, "progress-preview.png");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
