package io.github.controlnet.cli;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet serve}. */
@Command(
    name = "serve",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Serve a page for the browser, a REST interface and the web UI's interface (sdapi).",
      "Ctrl-C ends it: running generations are cancelled."
    })
final class ServeCommand implements Callable<Integer> {
  private static final String API_KEY = "controlnet.web.api-key";
  private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "::1");

  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "7860",
      description = "Port to listen on; 0 for any that is free. Default: ${DEFAULT-VALUE}.")
  private int port = 7860;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on; 0.0.0.0 lets other machines in: then set --api-key. Default: ${DEFAULT-VALUE}, this machine alone.")
  private String host = "127.0.0.1";

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description =
          "Who has not got it gets nothing: X-API-Key, Bearer token or the password of basic authentication."
              + " Default: the variable CONTROLNET_API_KEY, else none.")
  private @Nullable String apiKey;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many generations may wait. Default: ${DEFAULT-VALUE}.")
  private int queue = 16;

  @Option(
      names = "--max-images",
      paramLabel = "N",
      defaultValue = "12",
      description = "How many images one request may ask for. Default: ${DEFAULT-VALUE}.")
  private int maxImages = 12;

  @Option(
      names = "--annotator-model",
      paramLabel = "NAME[.OPTION]=FILE",
      description =
          "Weights of an annotator: its option model, or another that names a file, such as"
              + " openpose_full.hand_model; repeat for several. Requests cannot name files of this machine.")
  private List<String> annotatorModels = new ArrayList<>();

  @Mixin private ModelOptions models = new ModelOptions();
  @Mixin private LoraOptions loras = new LoraOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws InterruptedException {
    Usage usage = new Usage(spec);
    models.check(usage);
    loras.check(usage);
    models.bundleAllControls();
    Map<String, Object> properties = properties(usage);
    WebServer server =
        Providers.only(
            WebServer.class,
            "web server",
            "Start it with ./controlnet serve, or add io.github.controlnet:controlnet-web.");
    Progress progress = parent.progress(spec.commandLine());
    HubModels hub = new HubModels(HubOptions.fromEnvironment(), progress, new CancellationToken());
    ModelOptions.Selection selection = models.select(usage, hub);
    if (!properties.containsKey(API_KEY) && !LOCAL.contains(host)) {
      progress.say(
          "Whoever reaches %s may use this server: there is no --api-key.".formatted(host));
    }
    progress.say("Opening %s".formatted(selection.base()));
    ControlNetPipeline.Builder builder = models.pipeline(selection);
    loras.select(usage, hub).forEach(builder::lora);
    ControlNetPipeline pipeline = builder.build();
    models.sayPrecision(pipeline, progress);
    int listening;
    try {
      listening =
          server.start(
              new WebServer.Setup(
                  pipeline,
                  controls(pipeline, selection),
                  selection.demonstration().isPresent(),
                  properties));
    } catch (RuntimeException e) {
      pipeline.close();
      throw failure(e);
    }
    PrintWriter out = spec.commandLine().getOut();
    String address = "http://%s:%d/".formatted(shown(), listening);
    if (common.json()) {
      Json.print(out, Map.of("address", address, "port", listening));
    } else {
      out.println(address);
    }
    out.flush();
    // Until a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  /** The pipeline's controls; a base may bring one of its own. */
  private static List<ControlModel> controls(
      ControlNetPipeline pipeline, ModelOptions.Selection selection) {
    return selection.controls().isEmpty() && !pipeline.info().controls().isEmpty()
        ? List.of(selection.base().ownControl())
        : selection.controls();
  }

  private String shown() {
    String local = host.equals("0.0.0.0") || host.equals("127.0.0.1") ? "localhost" : host;
    return local.contains(":") ? "[" + local + "]" : local;
  }

  private RuntimeException failure(RuntimeException problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return new CommandFailure(
            "Cannot listen on %s, port %d (%s); choose another with --port or --host."
                .formatted(host, port, cause.getMessage()),
            problem);
      }
    }
    return problem;
  }

  private Map<String, Object> properties(Usage usage) {
    if (port < 0 || port > 65535) {
      throw usage.wrong("--port is %d; expected 0 to 65535.".formatted(port));
    }
    if (queue < 1 || maxImages < 1) {
      throw usage.wrong("--queue and --max-images must be 1 or more.");
    }
    Map<String, Object> properties = new HashMap<>();
    properties.put("server.port", port);
    properties.put("server.address", host);
    properties.put("controlnet.web.queue", queue);
    properties.put("controlnet.web.max-images", maxImages);
    String key = apiKey == null ? System.getenv("CONTROLNET_API_KEY") : apiKey;
    if (key != null && !key.isEmpty()) {
      properties.put(API_KEY, key);
    }
    loras
        .folder(usage)
        .ifPresent(
            folder -> properties.put("controlnet.web.lora-folder", folder.path().toString()));
    if (common.verbose()) {
      properties.put("logging.level.root", "info");
    }
    for (String text : annotatorModels) {
      Map.Entry<String, String> pair = ControlOptions.pair("--annotator-model", text, usage);
      String option = annotatorOption(pair.getKey(), usage);
      ModelOptions.existing("--annotator-model", Path.of(pair.getValue()));
      properties.put("controlnet.web.annotator-models[" + option + "]", pair.getValue());
    }
    return properties;
  }

  /** Finds an option that names a file: NAME.OPTION, or NAME for the option model. */
  private static String annotatorOption(String text, Usage usage) {
    int dot = text.indexOf('.');
    String name = dot < 0 ? text : text.substring(0, dot);
    String option = dot < 0 ? "model" : text.substring(dot + 1);
    AnnotatorProvider provider = usage.value(() -> Annotators.named(name));
    List<String> files =
        provider.options().stream()
            .filter(each -> each.type() == AnnotatorOption.Type.TEXT)
            .map(AnnotatorOption::name)
            .toList();
    if (!files.contains(option)) {
      throw usage.wrong(
          files.isEmpty()
              ? "--annotator-model %s: the annotator \"%s\" needs no weights; leave it out."
                  .formatted(text, provider.name())
              : "--annotator-model %s: the annotator \"%s\" takes no file \"%s\"; expected one of: %s."
                  .formatted(text, provider.name(), option, String.join(", ", files)));
    }
    return provider.name() + "." + option;
  }
}
