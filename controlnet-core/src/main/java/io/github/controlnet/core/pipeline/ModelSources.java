package io.github.controlnet.core.pipeline;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.pipeline.load.LoadedBase;
import io.github.controlnet.core.pipeline.load.LoadedControl;
import io.github.controlnet.core.pipeline.load.LoraSet;
import io.github.controlnet.core.pipeline.plan.PlannedControl;
import io.github.controlnet.model.TextualInversion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names the files that a pipeline was built from, for the record beside its pictures. */
final class ModelSources {
  private static final Pattern CACHED =
      Pattern.compile(".*/models--([^/]+?)--([^/]+)/snapshots/([0-9a-f]{40})(/.+)?");

  private ModelSources() {}

  static List<ModelSource> of(
      PipelineConfig config, LoadedBase base, LoraSet loras, List<PlannedControl> controls) {
    List<ModelSource> sources = new ArrayList<>();
    int lora = 0;
    sources.add(local(ModelSource.BASE, base.path()));
    config.base().config().ifPresent(file -> sources.add(local(ModelSource.BASE_CONFIG, file)));
    base.vae().ifPresent(file -> sources.add(local(ModelSource.VAE, file)));
    config.textEncoder().ifPresent(file -> sources.add(local(ModelSource.TEXT_ENCODER, file)));
    if (!base.tokenizerFolder().startsWith(base.path())) {
      sources.add(local(ModelSource.TOKENIZER, base.tokenizerFolder()));
    }
    for (TextualInversion embedding : config.embeddings()) {
      sources.add(local(ModelSource.embedding(embedding.name()), embedding.path()));
    }
    for (Path file : loras.files()) {
      sources.add(local(ModelSource.lora(++lora), file));
    }
    for (int i = 0; i < controls.size(); i++) {
      int number = i + 1;
      LoadedControl control = controls.get(i).control();
      sources.add(local(ModelSource.control(number), control.path()));
      control
          .model()
          .config()
          .ifPresent(file -> sources.add(local(ModelSource.controlConfig(number), file)));
    }
    return sources;
  }

  private static ModelSource local(String role, Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    // What came from a hub is known everywhere by its id and commit.
    Matcher cached = CACHED.matcher(absolute.toString().replace('\\', '/'));
    if (cached.matches()) {
      String file = cached.group(4) == null ? "" : cached.group(4);
      return new ModelSource(
          role, cached.group(1) + "/" + cached.group(2) + file + "@" + cached.group(3), path);
    }
    Path name = absolute.getFileName();
    return new ModelSource(role, name == null ? absolute.toString() : name.toString(), path);
  }
}
