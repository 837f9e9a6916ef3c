package io.github.controlnet.samples;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import java.io.IOException;
import java.nio.file.FileSystem;

/**
 * Weights that never touch a disk, such as those from a database or a vault: a model is named by a
 * {@link java.nio.file.Path}, and that may belong to a file system in memory.
 */
public final class InMemoryWeights {
  private InMemoryWeights() {}

  /**
   * Draws with them.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      // Usually: Files.write(memory.getPath("/model.safetensors"), bytes)
      DemoModel demo = DemoModel.extract(memory.getPath("/demo"));
      try (ControlNetPipeline pipeline =
          ControlNetPipeline.builder().base(BaseModel.of(demo.base())).build()) {
        GenerationRequest request = GenerationRequest.builder().size(64, 64).steps(4).build();
        Output.save(pipeline.generate(request).images().get(0), args, "in-memory.png");
      }
    }
  }
}
