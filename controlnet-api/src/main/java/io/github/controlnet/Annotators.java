package io.github.controlnet;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.PluginException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.progress.DownloadListener;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.ModelFetcher;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds annotators on the class path. */
public final class Annotators {
  private Annotators() {}

  /**
   * Finds an annotator by its name, or by one of its other names.
   *
   * @param name such as {@code canny}
   * @return its provider, which tells its options and creates it
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static AnnotatorProvider named(String name) {
    return Providers.annotator(Values.nonNull(name, "the annotator's name"));
  }

  /**
   * Lists the annotators on the class path.
   *
   * @return their providers in alphabetical order of their names
   */
  public static List<AnnotatorProvider> all() {
    return Providers.annotators();
  }

  /**
   * Tells which annotators are on the class path but cannot be used.
   *
   * @return for each its class, its jar and why; empty when all can be used
   */
  public static List<String> leftOut() {
    return Providers.annotatorsLeftOut();
  }

  /**
   * Fetches published weights of an annotator into the cache that Python's libraries use too,
   * unless they are there. From then on the annotator finds them by itself. Nothing is fetched
   * unless this is called.
   *
   * @param id the id of a file on the Hugging Face hub, one of {@link AnnotatorProvider#weights()},
   *     such as {@code lllyasviel/Annotators/ControlNetHED.pth}
   * @return the file
   * @throws InvalidRequestException when it is no id
   * @throws WeightsException when it cannot be had; the message says why
   * @throws ProviderNotFoundException when {@code controlnet-core} is not on the class path
   */
  public static Path download(String id) {
    return fetcher()
        .fetch(HubReference.of(Values.nonNull(id, "the id of the weights")), progress -> {});
  }

  /**
   * The usual context of an annotator: the processor with all its cores, and published weights that
   * are in the hub's cache. Nothing is fetched.
   *
   * @return the context; a pipeline hands over its own device and threads
   */
  public static AnnotatorContext context() {
    return AnnotatorContext.of(Annotators::inCache);
  }

  /**
   * The context of a pipeline's annotators, for applications that annotate beside it: its device
   * and its threads.
   *
   * @param pipeline what a pipeline was built from
   * @return the context
   */
  public static AnnotatorContext context(PipelineInfo pipeline) {
    return context().withDevice(pipeline.device()).withThreads(pipeline.threads());
  }

  /**
   * Like {@link #context()}, but published weights that are not in the hub's cache are fetched when
   * an annotator that needs them is opened.
   *
   * @param listener is told of the downloads
   * @return the context
   */
  public static AnnotatorContext fetching(DownloadListener listener) {
    Values.nonNull(listener, "the listener of downloads");
    return AnnotatorContext.of(
        published ->
            inCache(published).or(() -> Optional.of(fetcher().fetch(published.get(0), listener))));
  }

  private static Optional<Path> inCache(List<HubReference> published) {
    ModelFetcher fetcher = fetcher();
    return published.stream().flatMap(each -> fetcher.cached(each).stream()).findFirst();
  }

  private static ModelFetcher fetcher() {
    return Providers.only(
        ModelFetcher.class,
        "model fetcher",
        "Add the artifact io.github.controlnet:controlnet-core at run time.");
  }

  /**
   * Opens an annotator on the processor, see {@link #context()}, and otherwise as {@link
   * #open(AnnotatorProvider, AnnotatorOptions, AnnotatorContext)}.
   *
   * @param provider the annotator
   * @param options its checked options
   * @return the annotator; the caller closes it
   * @throws AnnotationException when its weights cannot be read
   * @throws PluginException when the plugin fails
   */
  public static Annotator open(AnnotatorProvider provider, AnnotatorOptions options) {
    return open(provider, options, context());
  }

  /**
   * Opens an annotator and holds it to what its interface says: photographs of an aspect beyond
   * {@link io.github.controlnet.image.Images#MAX_ASPECT} are refused ({@link
   * InvalidRequestException}), and what is wrong with a map or is thrown by a plugin becomes a
   * {@link PluginException} that names it.
   *
   * @param provider the annotator
   * @param options its checked options
   * @param context where it computes, and where its weights come from
   * @return the annotator; the caller closes it
   * @throws AnnotationException when its weights cannot be read
   * @throws PluginException when the plugin fails
   */
  public static Annotator open(
      AnnotatorProvider provider, AnnotatorOptions options, AnnotatorContext context) {
    return new CheckedAnnotator(
        Values.nonNull(provider, "the annotator"),
        Values.nonNull(options, "the annotator's options"),
        Values.nonNull(context, "the annotator's context"));
  }

  /**
   * Opens an annotator that keeps its maps in a folder. Maps that are there are not made again, in
   * this process or another, while the annotator and its version, its options, the contents of its
   * weights files and the pixels of the photograph are the same. Weights are loaded when the first
   * map has to be made. A map that cannot be written, on a full disk for one, is returned all the
   * same; a damaged one is made again. Poses are found anew each time. Nothing is ever deleted from
   * the folder.
   *
   * @param provider the annotator
   * @param options its checked options
   * @param context where it computes, and where its weights come from
   * @param folder where maps are kept; made when it is missing
   * @return the annotator; the caller closes it
   * @throws AnnotationException when the folder cannot be written to, or weights cannot be read
   */
  public static Annotator cached(
      AnnotatorProvider provider, AnnotatorOptions options, AnnotatorContext context, Path folder) {
    return new CachedAnnotator(
        Values.nonNull(provider, "the annotator"),
        Values.nonNull(options, "the annotator's options"),
        Values.nonNull(context, "the annotator's context"),
        Values.nonNull(folder, "the folder"));
  }
}
