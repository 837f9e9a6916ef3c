package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Preset;
import io.github.controlnet.Prompt;
import io.github.controlnet.core.pipeline.canvas.Canvas;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.condition.ChosenAnnotator;
import io.github.controlnet.core.pipeline.condition.ControlMaps;
import io.github.controlnet.core.pipeline.condition.ControlMasks;
import io.github.controlnet.core.pipeline.condition.PromptPlanner;
import io.github.controlnet.core.pipeline.condition.Timeline;
import io.github.controlnet.core.pipeline.load.LoadedBase;
import io.github.controlnet.core.pipeline.load.LoadedControl;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a request against the models and resolves what needs no network: the one place where a
 * request can be refused.
 */
public final class RequestPlanner {
  private static final Logger LOG = LoggerFactory.getLogger(RequestPlanner.class);

  private final LoadedBase base;
  private final List<LoadedControl> controls;
  private final Sampler defaultScheduler;
  private final PromptPlanner prompting;
  private final boolean vaeTiling;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  public RequestPlanner(
      LoadedBase base,
      List<LoadedControl> controls,
      Sampler defaultScheduler,
      PromptPlanner prompting,
      boolean vaeTiling) {
    this.base = base;
    this.vaeTiling = vaeTiling;
    this.controls = controls;
    this.defaultScheduler = defaultScheduler;
    this.prompting = prompting;
  }

  public GenerationPlan plan(GenerationRequest request) {
    int images = request.imageCount();
    if (request.sampling().seeds().size() > 1 && request.sampling().seeds().size() != images) {
      throw new InvalidRequestException(
          "%s for %s; expected one seed, or one for each image."
              .formatted(count(request.sampling().seeds().size(), "seed"), count(images, "image")));
    }
    List<AssignedControl> assigned = assign(request);
    LatentFormat latents = base.latents();
    int factor = latents.factor();
    int nativeSize = base.weights().nativeSize();
    Optional<Canvas> canvas =
        request.initImage().map(init -> Canvas.of(init, request, nativeSize, factor));
    PictureSize size =
        canvas.map(Canvas::size).orElseGet(() -> PictureSize.of(request, nativeSize, factor));
    LatentShape shape =
        new LatentShape(images, latents.channels(), size.height() / factor, size.width() / factor);
    MemoryEstimate.of(base, assigned.size(), shape, vaeTiling).check(size, images);
    Inpainting inpainting =
        Inpainting.of(
            canvas.map(Canvas::isMasked).orElse(false),
            base.weights().unet().inChannels(),
            shape.channels());
    checkPicture(canvas, factor);

    List<Prompt> prompts = request.prompts().complete();
    Sampler sampler = request.sampling().sampler().orElse(defaultScheduler);
    SamplerRun sampling = sampling(sampler, request);
    Timeline timeline = Timeline.of(sampling, LateStart.kept(request));
    Guider guider = guider(request, timeline);
    List<PlannedControl> planned = new ArrayList<>();
    for (AssignedControl each : assigned) {
      ControlInput input =
          canvas.map(part -> each.input().withPictures(part::sameRegion)).orElse(each.input());
      ControlMasks.check(input, size);
      ControlMaps.check(input, size, request, nativeSize);
      planned.add(
          new PlannedControl(
              each.control(),
              input,
              each.annotator(),
              ControlStrength.of(input, request, each.control().spec(), shape.height(), timeline)));
    }
    request.preset().ifPresent(preset -> warn(preset, request));
    return new GenerationPlan(
        base.weights().recipe(),
        size,
        canvas,
        inpainting,
        latents,
        shape,
        prompts,
        prompting.plan(request, prompts, guider.needs(Branch.UNCONDITIONAL), timeline),
        guider,
        planned,
        Seeds.resolve(request.sampling().seeds(), images),
        sampler,
        sampling);
  }

  /** Once for each preset: whoever goes on has heard it. */
  private void warn(Preset preset, GenerationRequest request) {
    preset
        .warning(request)
        .filter(warning -> warned.add(preset.name()))
        .ifPresent(warning -> LOG.warn("{}", warning));
  }

  private SamplerRun sampling(Sampler sampler, GenerationRequest request) {
    SamplerRun run =
        CheckedRun.start(
            sampler,
            base.weights().noiseSchedule(),
            new SamplingOptions(request.sampling().steps(), request.sampling().eta()));
    int kept = LateStart.kept(request);
    return kept == request.sampling().steps()
        ? run
        : new LateStart(run, run.evaluationOf(request.sampling().steps() - kept));
  }

  private void checkPicture(Optional<Canvas> canvas, int factor) {
    if (canvas.isEmpty()) {
      return;
    }
    if (!base.autoencoderSpec().hasEncoder()) {
      throw new InvalidRequestException(
          "The autoencoder's weights hold no encoder, so no picture can be read; expected a complete base or VAE.");
    }
    if (canvas.get().isMasked()) {
      canvas.get().latentMask(factor);
    }
  }

  private Guider guider(GenerationRequest request, Timeline timeline) {
    Guider guider = new Guider(request.guidance(), timeline);
    if (guider.needs(Branch.PERTURBED) && !base.weights().unet().perturbable()) {
      throw new InvalidRequestException(
          "Perturbed-attention guidance needs a U-Net with self-attention in its middle block, and this base has none; leave it out.");
    }
    return guider;
  }

  private record AssignedControl(
      LoadedControl control, ControlInput input, Optional<ChosenAnnotator> annotator) {}

  private List<AssignedControl> assign(GenerationRequest request) {
    List<ControlInput> inputs = request.controls().list();
    boolean named = inputs.stream().anyMatch(input -> input.model().isPresent());
    if (!inputs.isEmpty() && !named && inputs.size() != controls.size()) {
      throw new InvalidRequestException(
          "%s for a pipeline with %s; expected one input for each control, in order, or inputs that say which control they are for."
              .formatted(count(inputs.size(), "control input"), count(controls.size(), "control")));
    }
    Set<Integer> taken = new HashSet<>();
    List<AssignedControl> assigned = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      ControlInput input = inputs.get(i);
      int place = named ? find(input, taken) : i;
      taken.add(place);
      // An unknown annotator or option should fail now, not after the text encoder has run.
      assigned.add(new AssignedControl(controls.get(place), input, ChosenAnnotator.of(input)));
    }
    return assigned;
  }

  /**
   * Finds the first control of the model that the input names and that has no input yet, else the
   * first of that model: a control may act on several inputs.
   */
  private int find(ControlInput input, Set<Integer> taken) {
    ControlModel wanted =
        input
            .model()
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "Some control inputs say which control they are for and some do not; expected all or none to call withModel."));
    OptionalInt known = OptionalInt.empty();
    for (int i = 0; i < controls.size(); i++) {
      if (controls.get(i).model().equals(wanted)) {
        if (!taken.contains(i)) {
          return i;
        }
        known = known.isPresent() ? known : OptionalInt.of(i);
      }
    }
    return known.orElseThrow(
        () ->
            new InvalidRequestException(
                "The control input is for %s, which is not a control of this pipeline; it has: %s."
                    .formatted(wanted, controls.isEmpty() ? "none" : names())));
  }

  private String names() {
    return String.join(", ", controls.stream().map(each -> each.model().toString()).toList());
  }

  private static String count(int number, String what) {
    return number == 1 ? "1 " + what : number + " " + what + "s";
  }
}
