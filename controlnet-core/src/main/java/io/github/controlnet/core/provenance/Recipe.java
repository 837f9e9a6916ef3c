package io.github.controlnet.core.provenance;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to make a picture again, as its file tells. What this library wrote is complete: with the
 * same weights, processor type, number type and threads the picture is the same in every bit. What
 * the web UI and ComfyUI write is taken as far as it maps; {@link #unmapped()} tells the rest.
 */
public final class Recipe {
  /** Who wrote the record. */
  public enum Origin {
    /** This library. */
    CONTROLNET_JAVA,
    /** Stable Diffusion web UI (AUTOMATIC1111 and those who write as it does). */
    WEB_UI,
    /** ComfyUI. */
    COMFY_UI
  }

  /**
   * A model that was used.
   *
   * @param role as in {@link ModelSource}
   * @param name its id on a hub, or its file's name
   * @param sha256 its files' hashes by relative path; empty when they were not recorded
   */
  public record Model(String role, String name, Map<String, String> sha256) {
    /** Copies the map. */
    public Model {
      sha256 = Map.copyOf(sha256);
    }
  }

  /**
   * How many pixels the pictures inside one record may have in all, unless it is read with a limit:
   * as many as 8192 x 8192.
   */
  public static final long MOST_PIXELS = 1 << 26;

  /** No picture that this library writes is larger. */
  private static final long MOST_BYTES = 1 << 29;

  private final Draft draft;
  private final GenerationRequest request;

  private Recipe(Draft draft) {
    this.draft = draft;
    this.request = draft.request.build();
  }

  /** What a parser finds. */
  static final class Draft {
    private static final int LONGEST = 240;
    private static final int MOST = 60;

    private final Origin origin;
    private GenerationRequest.Builder request = GenerationRequest.builder();
    private final List<Model> models = new ArrayList<>();
    private final List<String> unmapped = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Map<String, String> environment = Map.of();
    private Map<String, String> versions = Map.of();
    private @Nullable String engine;
    private @Nullable Precision precision;
    private int image;
    private int leftOut;
    private boolean promptUnread;

    Draft(Origin origin) {
      this.origin = origin;
    }

    /**
     * Sets something of the request.
     *
     * @throws IllegalArgumentException when the value is not legal
     */
    void set(Consumer<GenerationRequest.Builder> setting) {
      setting.accept(GenerationRequest.builder());
      setting.accept(request);
    }

    /** Sets something of the request where the value is legal; names it where it is not. */
    void take(String what, Consumer<GenerationRequest.Builder> setting) {
      try {
        set(setting);
      } catch (InvalidRequestException | IllegalArgumentException e) {
        leaveOut(what, e);
      }
    }

    /** Sets the prompts; one that is longer than prompts may be is named, and not cut. */
    void prompts(String positive, String negative) {
      String text = positive;
      try {
        GenerationRequest.builder().prompt(positive).promptSyntax(PromptSyntax.WEIGHTED).build();
      } catch (InvalidRequestException | IllegalArgumentException e) {
        promptUnread(reason(e));
        text = "";
      }
      String avoided = negative;
      try {
        GenerationRequest.builder()
            .negativePrompt(negative)
            .promptSyntax(PromptSyntax.WEIGHTED)
            .build();
      } catch (InvalidRequestException | IllegalArgumentException e) {
        leaveOut("negative prompt", e);
        avoided = "";
      }
      Prompt both = new Prompt(text, avoided);
      set(request -> request.prompts(List.of(both)).promptSyntax(PromptSyntax.WEIGHTED));
    }

    /** Takes a whole request. */
    void request(GenerationRequest.Builder whole) {
      request = whole;
    }

    void model(Model model) {
      models.add(new Model(printable(model.role()), printable(model.name()), model.sha256()));
    }

    /** Names something that the record holds and that is not taken. */
    void leaveOut(String what) {
      leftOut++;
      if (leftOut <= MOST) {
        unmapped.add(printable(what));
      }
    }

    /** Names a value that is not legal. */
    void leaveOut(String what, RuntimeException why) {
      leaveOut("%s (%s)".formatted(what, reason(why)));
    }

    private static String reason(RuntimeException why) {
      String reason = String.valueOf(why.getMessage());
      return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    }

    /** Names a prompt that the record holds in a form that is not read. */
    void promptUnread(String why) {
      promptUnread = true;
      leaveOut("prompt: " + why);
    }

    /** Says something about the record that is good to know. */
    void note(String sentence) {
      notes.add(printable(sentence));
    }

    void environment(Map<String, String> values) {
      environment = Map.copyOf(values);
    }

    void versions(Map<String, String> values) {
      versions = Map.copyOf(values);
    }

    void engine(String name) {
      engine = name;
    }

    void precision(Precision value) {
      precision = value;
    }

    void image(int index) {
      image = index;
    }

    Recipe recipe() {
      if (leftOut > MOST) {
        unmapped.add("and %d more".formatted(leftOut - MOST));
      }
      return new Recipe(this);
    }

    /** What strangers wrote goes to terminals: on one line, without their control sequences. */
    private static String printable(String text) {
      String start = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
      StringBuilder line = new StringBuilder(start.length());
      start
          .codePoints()
          .map(point -> Character.isISOControl(point) || isSurrogate(point) ? ' ' : point)
          .forEach(line::appendCodePoint);
      return line.toString();
    }

    private static boolean isSurrogate(int point) {
      return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
  }

  /**
   * Reads the recipe inside a picture's file.
   *
   * @param file a PNG file
   * @return the recipe; empty when there is none inside
   * @throws InvalidRequestException when the file cannot be read, a record of this library in it is
   *     damaged, or the pictures in it have more than {@link #MOST_PIXELS} pixels in all
   */
  public static Optional<Recipe> read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InvalidRequestException(
            "The picture %s has %d bytes; expected at most %d."
                .formatted(file, Files.size(file), MOST_BYTES));
      }
      return read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new InvalidRequestException(
          "The picture %s cannot be read: %s. Check the path and its permissions."
              .formatted(file, e),
          e);
    }
  }

  /**
   * Reads the recipe inside a picture.
   *
   * @param png the bytes of a PNG file
   * @return the recipe; empty when there is none inside
   * @throws InvalidRequestException when a record of this library in it is damaged, or the pictures
   *     in it have more than {@link #MOST_PIXELS} pixels in all
   */
  public static Optional<Recipe> read(byte[] png) {
    return read(png, MOST_PIXELS);
  }

  /**
   * Reads the recipe inside a picture of strangers, whose small files may hold large pictures.
   *
   * @param png the bytes of a PNG file
   * @param mostPixels how many pixels the pictures in the record may have in all
   * @return the recipe; empty when there is none inside
   * @throws InvalidRequestException when a record of this library in it is damaged, or holds larger
   *     pictures; their sizes are looked at before any pixel is unpacked
   */
  public static Optional<Recipe> read(byte[] png, long mostPixels) {
    return of(PngText.read(png), mostPixels);
  }

  /**
   * Reads a recipe from the texts of a picture.
   *
   * @param texts by key
   * @return the recipe; empty when there is none
   * @throws InvalidRequestException when a record of this library is damaged
   */
  public static Optional<Recipe> of(Map<String, String> texts) {
    return of(texts, MOST_PIXELS);
  }

  private static Optional<Recipe> of(Map<String, String> texts, long mostPixels) {
    String record = texts.get(PictureRecord.RECORD);
    if (record != null) {
      return Optional.of(RecordReader.read(record, new RecordedPictures(texts, mostPixels)));
    }
    // Some programs write both, and some something else under the same keys.
    return Optional.ofNullable(texts.get(PictureRecord.PARAMETERS))
        .flatMap(WebUiReader::read)
        .or(() -> Optional.ofNullable(texts.get(ComfyGraph.KEY)).flatMap(ComfyReader::read));
  }

  /**
   * Tells who wrote it.
   *
   * @return the tool
   */
  public Origin origin() {
    return draft.origin;
  }

  /**
   * Returns the picture's index in the batch that the request makes.
   *
   * @return 0 or more
   */
  public int image() {
    return draft.image;
  }

  /**
   * Returns the models that made it.
   *
   * @return the base first, when it is known
   */
  public List<Model> models() {
    return List.copyOf(draft.models);
  }

  /**
   * Finds a model by its role.
   *
   * @param role as in {@link ModelSource}
   * @return the model, when it was recorded
   */
  public Optional<Model> model(String role) {
    return draft.models.stream().filter(model -> model.role().equals(role)).findFirst();
  }

  /**
   * Returns the number type in which the networks ran.
   *
   * @return the type, when it was recorded
   */
  public Optional<Precision> precision() {
    return Optional.ofNullable(draft.precision);
  }

  /**
   * Returns the number of threads that was asked for.
   *
   * @return the number; empty for all cores
   */
  public OptionalInt threads() {
    String threads = draft.environment.getOrDefault("threads", "");
    return threads.matches("[0-9]{1,4}")
        ? OptionalInt.of(Integer.parseInt(threads))
        : OptionalInt.empty();
  }

  /**
   * Tells whether the picture was decoded in tiles.
   *
   * @return true for tiles
   */
  public boolean vaeTiling() {
    return "on".equals(draft.environment.get("VAE tiling"));
  }

  /**
   * Returns what the record holds and is not taken: what has no counterpart here, is not
   * understood, or has a value that is not legal.
   *
   * @return a name with its value each, and sometimes a reason; each on one line
   */
  public List<String> unmapped() {
    return List.copyOf(draft.unmapped);
  }

  /**
   * Returns what is good to know beside: that another program's noise differs, say, or that the
   * record's prompt is empty.
   *
   * @return a sentence each
   */
  public List<String> notes() {
    return List.copyOf(draft.notes);
  }

  /**
   * Tells whether the record holds a prompt that could not be read, so that the request's is empty
   * though the picture's was not; {@link #unmapped()} says why. Give a prompt before you use the
   * request.
   *
   * @return false when the prompt was read, also when it is empty in the record
   */
  public boolean isPromptUnread() {
    return draft.promptUnread;
  }

  /**
   * Makes the request, with the control maps that were recorded.
   *
   * @return a builder, to which more can be said
   */
  public GenerationRequest.Builder request() {
    return request.toBuilder().cancellation(new CancellationToken());
  }

  /**
   * Makes the request without the control maps, for new ones.
   *
   * @return a builder, to which more can be said
   */
  public GenerationRequest.Builder withoutControls() {
    return request().controls(request.controls().withList(List.of()));
  }

  /**
   * Compares with a generation: what may make its picture another one.
   *
   * @param now how the picture was made again
   * @param hashes finds the hashes of its weights
   * @return a sentence for each difference; empty when nothing is known to differ
   */
  public List<String> differences(Provenance now, WeightHashes hashes) {
    Map<String, String> then = new LinkedHashMap<>(new TreeMap<>(draft.environment));
    then.putAll(new TreeMap<>(draft.versions));
    Map<String, String> here = new LinkedHashMap<>(now.environment().machine());
    here.putAll(now.environment().versions());
    if (draft.engine != null) {
      then.put("engine", draft.engine);
      here.put("engine", now.environment().engine());
    }
    if (draft.precision != null) {
      then.put("number type", draft.precision.name());
      here.put("number type", now.environment().precision().name());
    }
    List<String> differences = new ArrayList<>();
    then.forEach(
        (what, value) -> {
          String other = here.getOrDefault(what, "unknown");
          if (!other.equals(value)) {
            differences.add("%s: it was %s, here it is %s".formatted(what, value, other));
          }
        });
    for (Model model : draft.models) {
      if (model.sha256().isEmpty()) {
        continue;
      }
      Optional<ModelSource> source = now.model(model.role());
      boolean same =
          source.isPresent()
              && List.copyOf(new TreeMap<>(hashes.of(source.get().path())).values())
                  .equals(List.copyOf(new TreeMap<>(model.sha256()).values()));
      if (!same) {
        differences.add(
            "%s: it was %s, here it is %s with other content"
                .formatted(
                    model.role(), model.name(), source.map(ModelSource::name).orElse("none")));
      }
    }
    return differences;
  }
}
