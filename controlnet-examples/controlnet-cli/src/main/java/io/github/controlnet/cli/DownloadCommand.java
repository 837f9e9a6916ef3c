package io.github.controlnet.cli;

import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.model.HubReference;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet download}. */
@Command(
    name = "download",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Fetch a model from the Hugging Face hub and print where it is.",
      "It goes into the cache that Python's libraries use (HF_HUB_CACHE, HF_HOME); what is there",
      "already is used. HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE mean what they mean to Python."
    })
final class DownloadCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "ID",
      description =
          "org/name for what a loader needs of a diffusers model or control,"
              + " org/name/path/file for one file, or the name of a published file such as"
              + " control_v11p_sd15_canny.")
  private String id = "";

  @Option(
      names = "--revision",
      paramLabel = "R",
      description = "A branch, a tag or a commit's 40 hexadecimal digits. Default: main.")
  private @Nullable String revision;

  @Option(names = "--file", paramLabel = "F", description = "One file of the repository.")
  private @Nullable String file;

  @Option(
      names = "--refresh",
      description = "Look for a newer commit even when the cache has all that is needed.")
  private boolean refresh;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    HubReference reference = new Usage(spec).value(this::reference);
    Path place =
        new HubModels(
                HubOptions.fromEnvironment().withRefresh(refresh),
                parent.progress(spec.commandLine()),
                parent.interrupts().gently())
            .download(reference);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("repository", reference.repository());
    json.put("revision", reference.revision());
    reference.file().ifPresent(name -> json.put("file", name));
    json.put("path", place.toString());
    common.report(spec.commandLine().getOut(), json, place.toString());
    return 0;
  }

  private HubReference reference() {
    HubReference reference = HubReference.of(id);
    if (file != null) {
      reference = reference.withFile(file);
    }
    return revision == null ? reference : reference.withRevision(revision);
  }
}
