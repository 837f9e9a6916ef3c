package io.github.controlnet.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.progress.DownloadListener;
import io.github.controlnet.progress.DownloadProgress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds models in the cache and fetches what is missing. Of a diffusers repository it takes what
 * the loader reads: the configurations, the tokenizer, and the weights in one variant (safetensors
 * before pickles, whole precision before fp16); of a control's repository its configuration and
 * weights; and when one file is named, that file with the configuration that is published beside
 * it.
 *
 * <p>What is in the cache is used without asking the hub. Objects of this class are immutable and
 * serve any number of threads.
 */
public final class HuggingFaceHub {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Logger LOG = LoggerFactory.getLogger(HuggingFaceHub.class);
  private static final DownloadListener SILENT = progress -> {};
  private static final List<String> CLIP_TOKENIZERS =
      List.of(
          "openai/clip-vit-large-patch14",
          "stable-diffusion-v1-5/stable-diffusion-v1-5",
          "runwayml/stable-diffusion-v1-5",
          "CompVis/stable-diffusion-v1-4");

  private final HubOptions options;
  private final HubConnection connection;

  /**
   * Makes a client. Nothing is connected yet.
   *
   * @param options where models come from and where they go
   */
  public HuggingFaceHub(HubOptions options) {
    this.options = options;
    this.connection = new HubConnection(options);
  }

  /**
   * Fetches what is missing of a model.
   *
   * @param reference what to fetch
   * @return where it is: a folder, or the file when the reference names one
   * @throws WeightsException when it cannot be had: the message says why
   * @throws GenerationCancelledException when the thread was interrupted
   */
  public Path download(HubReference reference) {
    return download(reference, SILENT);
  }

  /**
   * Fetches what is missing of a model, and tells how far things are.
   *
   * @param reference what to fetch
   * @param listener is told of the progress; not called when everything is in the cache
   * @return where it is: a folder, or the file when the reference names one
   * @throws WeightsException when it cannot be had: the message says why
   * @throws GenerationCancelledException when the thread was interrupted
   */
  public Path download(HubReference reference, DownloadListener listener) {
    try {
      HubCache cache = new HubCache(options.cache(), reference);
      if (options.offline() || !options.refresh()) {
        Optional<Path> cached = cached(cache, reference);
        if (cached.isPresent()) {
          return cached.get();
        }
      }
      if (options.offline()) {
        throw offline(cache, reference);
      }
      return fetch(cache, reference, listener);
    } catch (InterruptedException | ClosedByInterruptException | InterruptedIOException e) {
      Thread.currentThread().interrupt();
      throw new GenerationCancelledException(
          "The download of %s was interrupted; what has arrived stays in %s, and the next download continues there."
              .formatted(reference, options.cache()),
          e);
    } catch (Backoff.Again e) {
      throw new WeightsException(
          "%s could not be downloaded: %s. Check the network; the next download continues where this one ended. For a mirror set HF_ENDPOINT, to use only what is in the cache HF_HUB_OFFLINE=1."
              .formatted(reference, e.getMessage()),
          e);
    } catch (FileSystemException e) {
      throw unwritable(reference, e);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("No space left")) {
        throw unwritable(reference, e);
      }
      throw new WeightsException(
          Help.NO_NETWORK.after(
              "%s could not be downloaded from %s: %s. Check HF_ENDPOINT and the network."
                  .formatted(reference, options.endpoint(), message)),
          e);
    }
  }

  private WeightsException unwritable(HubReference reference, IOException cause) {
    return new WeightsException(
        "%s could not be stored in the cache %s: %s. Make room there or the right to write, or set HF_HUB_CACHE to another folder."
            .formatted(reference, options.cache(), cause),
        cause);
  }

  /**
   * Looks for a model in the cache, without network.
   *
   * @param reference what to look for
   * @return where it is, when all that a loader needs is there
   * @throws WeightsException when the cache cannot be read
   */
  public Optional<Path> cached(HubReference reference) {
    try {
      return cached(new HubCache(options.cache(), reference), reference);
    } catch (IOException e) {
      throw new WeightsException(
          "The cache %s cannot be read: %s. Mend it, or set HF_HUB_CACHE to another folder."
              .formatted(options.cache(), e),
          e);
    }
  }

  /**
   * Looks in the cache for the tokenizer of CLIP ViT-L/14, which every Stable Diffusion 1.x has,
   * without network.
   *
   * @return the folder of its vocab.json and merges.txt, or tokenizer.json, when a model that was
   *     fetched before has it
   */
  public Optional<Path> cachedClipTokenizer() {
    for (String repository : CLIP_TOKENIZERS) {
      try {
        HubCache cache = new HubCache(options.cache(), HubReference.of(repository));
        Optional<String> commit = cache.commit(HubReference.MAIN);
        if (commit.isEmpty()) {
          continue;
        }
        Path snapshot = cache.snapshot(commit.get());
        for (Path folder : List.of(snapshot.resolve("tokenizer"), snapshot)) {
          if (ClipTokenizer.isIn(folder)) {
            return Optional.of(folder);
          }
        }
      } catch (IOException e) {
        LOG.debug("The cache of {} cannot be read; looking on", repository, e);
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> cached(HubCache cache, HubReference reference) throws IOException {
    Optional<String> commit = cache.commit(reference.revision());
    if (commit.isEmpty() || !inCache(cache, commit.get(), reference).isComplete()) {
      return Optional.empty();
    }
    return Optional.of(place(cache, commit.get(), reference));
  }

  private static FileSelection inCache(HubCache cache, String commit, HubReference reference)
      throws IOException {
    List<String> files = cache.files(commit);
    Set<String> components =
        files.contains(FileSelection.INDEX)
            ? components(cache.snapshot(commit).resolve(FileSelection.INDEX))
            : Set.of();
    return FileSelection.of(reference, files, components);
  }

  private static Path place(HubCache cache, String commit, HubReference reference) {
    Path folder = cache.snapshot(commit);
    return reference.file().map(folder::resolve).orElse(folder);
  }

  /** The components that a model_index.json names and a loader reads; none when it is damaged. */
  private static Set<String> components(Path index) throws IOException {
    Set<String> components = new HashSet<>();
    JsonNode root = JSON.readTree(TextFiles.read(index));
    root.properties()
        .forEach(
            entry -> {
              if (FileSelection.isComponent(entry.getKey())
                  && entry.getValue().isArray()
                  && !entry.getValue().path(0).isNull()) {
                components.add(entry.getKey());
              }
            });
    return components;
  }

  private WeightsException offline(HubCache cache, HubReference reference) throws IOException {
    Optional<String> commit = cache.commit(reference.revision());
    String missing =
        commit.isEmpty()
            ? "the cache %s has nothing of it at the revision \"%s\""
                .formatted(options.cache(), reference.revision())
            : "the cache lacks %s (in %s)"
                .formatted(
                    String.join(", ", inCache(cache, commit.get(), reference).missing()),
                    cache.snapshot(commit.get()));
    return new WeightsException(
        Help.NO_NETWORK.after(
            "%s is not there, and the network is forbidden (offline, HF_HUB_OFFLINE=1): %s. Download it where the network is allowed: controlnet download %s."
                .formatted(reference, missing, reference.repository())));
  }

  private Path fetch(HubCache cache, HubReference reference, DownloadListener listener)
      throws IOException, InterruptedException {
    Revision revision = connection.revision(reference);
    String commit = revision.commit();
    FileSelection selection = FileSelection.of(reference, revision.files(), Set.of());
    requireUsable(reference, revision, selection);
    List<RemoteFile> wanted = new ArrayList<>();
    List<String> there = cache.files(commit);
    for (String name : selection.files()) {
      if (!there.contains(name)) {
        wanted.add(connection.describe(reference, commit, name));
      }
    }
    cache.requireSpace(needed(cache, wanted));
    Tally tally = new Tally(wanted, listener);
    for (RemoteFile file : wanted) {
      new BlobDownload(
              options,
              connection,
              cache,
              reference,
              commit,
              file,
              bytes -> tally.arrived(file, bytes))
          .run();
      tally.finished(file, Files.size(cache.blob(file.etag())));
      cache.publish(commit, file);
    }
    // Last, so that whoever looks up the revision finds all of it.
    cache.remember(reference.revision(), commit);
    return place(cache, commit, reference);
  }

  private static void requireUsable(
      HubReference reference, Revision revision, FileSelection selection) {
    if (selection.isComplete()) {
      return;
    }
    List<String> weights =
        revision.files().stream()
            .filter(name -> name.matches(".*\\.(safetensors|ckpt|pth|pt|bin)"))
            .toList();
    String shown =
        weights.isEmpty()
            ? "no weights"
            : String.join(", ", weights.subList(0, Math.min(20, weights.size())))
                + (weights.size() > 20 ? " and %d more".formatted(weights.size() - 20) : "");
    if (reference.file().isPresent()) {
      throw new WeightsException(
          "%s has no file %s; it has %s. Name one of its files."
              .formatted(reference.repository(), reference.file().get(), shown));
    }
    throw new InvalidRequestException(
        "%s is neither a diffusers model nor a control as diffusers stores it: it lacks %s. It has %s. To take one file write %s/FILE."
            .formatted(
                reference, String.join(", ", selection.missing()), shown, reference.repository()));
  }

  private static long needed(HubCache cache, List<RemoteFile> files) throws IOException {
    long needed = 0;
    for (RemoteFile file : files) {
      if (!Files.exists(cache.blob(file.etag()))) {
        Path incomplete = cache.incomplete(file.etag());
        long there = Files.exists(incomplete) ? Files.size(incomplete) : 0;
        needed += Math.max(0, file.size() - there);
      }
    }
    return needed;
  }

  /** Adds up what has arrived, and tells it not too often. */
  private static final class Tally {
    private static final long INTERVAL_NANOS = 200_000_000;

    private final DownloadListener listener;
    private final long total;
    private long before;
    private long last = System.nanoTime();

    Tally(List<RemoteFile> files, DownloadListener listener) {
      this.listener = listener;
      this.total = files.stream().mapToLong(file -> Math.max(0, file.size())).sum();
    }

    void arrived(RemoteFile file, long bytes) {
      long now = System.nanoTime();
      if (now - last >= INTERVAL_NANOS) {
        last = now;
        tell(file, bytes);
      }
    }

    void finished(RemoteFile file, long bytes) {
      tell(file, bytes);
      before += bytes;
    }

    private void tell(RemoteFile file, long bytes) {
      listener.onProgress(
          new DownloadProgress(file.name(), bytes, file.size(), before + bytes, total));
    }
  }
}
