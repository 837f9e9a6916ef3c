package io.github.controlnet.core.family;

import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentFormat.Colour;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.sampler.NoiseSchedule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the families that descend from latent diffusion (Rombach et al. 2022, arXiv:2112.10752)
 * share: the names of U-Net, control, autoencoder and CLIP's text model, the sections of a single
 * file, and the numbers of Stable Diffusion 1.5.
 */
public enum LatentDiffusion implements NameTable {
  /** The control: a U-Net's encoder with a hint block. */
  CONTROL {
    @Override
    public boolean recognises(Collection<String> names) {
      return any(names, "input_hint_block.") || any(names, "controlnet_cond_embedding.");
    }

    @Override
    public Map<String, String> canonical(Collection<String> names) {
      return UNET.canonical(names);
    }

    @Override
    public Map<String, String> original(Collection<String> names) {
      return LatentDiffusionNames.originalUnet(names);
    }
  },
  /** The U-Net. */
  UNET {
    @Override
    public boolean recognises(Collection<String> names) {
      boolean original = any(names, "input_blocks.") && any(names, "output_blocks.");
      boolean canonical = any(names, "up_blocks.") && any(names, "time_embedding.");
      return (original || canonical) && !CONTROL.recognises(names);
    }

    @Override
    public Map<String, String> canonical(Collection<String> names) {
      return any(names, "input_blocks.") ? LatentDiffusionNames.unet(names) : same(names);
    }

    @Override
    public Map<String, String> original(Collection<String> names) {
      return LatentDiffusionNames.originalUnet(names);
    }
  },
  /** The autoencoder. */
  AUTOENCODER {
    @Override
    public boolean recognises(Collection<String> names) {
      return any(names, "decoder.up.") || any(names, "decoder.up_blocks.");
    }

    @Override
    public Map<String, String> canonical(Collection<String> names) {
      List<String> network = new ArrayList<>();
      for (String name : names) {
        if (!name.startsWith("loss.") && !name.startsWith("model_ema.")) {
          network.add(name);
        }
      }
      boolean original = any(names, "decoder.up.") || any(names, "decoder.mid.");
      Map<String, String> canonical =
          original ? LatentDiffusionNames.autoencoder(network) : same(network);
      canonical.replaceAll((name, translated) -> attention(translated));
      return canonical;
    }

    @Override
    public Map<String, String> original(Collection<String> names) {
      return LatentDiffusionNames.originalAutoencoder(names);
    }
  },
  /** CLIP's text model, under transformers' names. */
  CLIP_TEXT {
    @Override
    public boolean recognises(Collection<String> names) {
      return any(names, "text_model.embeddings.") || any(names, "embeddings.token_embedding.");
    }

    @Override
    public Map<String, String> canonical(Collection<String> names) {
      Map<String, String> canonical = new LinkedHashMap<>();
      for (String name : names) {
        String bare = name.startsWith(TEXT_MODEL) ? name.substring(TEXT_MODEL.length()) : name;
        boolean network =
            !bare.endsWith("position_ids")
                && !bare.startsWith("text_projection")
                && !bare.startsWith("vision_model.")
                && !bare.startsWith("visual_projection")
                && !bare.equals("logit_scale");
        if (network) {
          canonical.put(name, bare);
        }
      }
      return canonical;
    }

    @Override
    public Map<String, String> original(Collection<String> names) {
      Map<String, String> original = new LinkedHashMap<>();
      names.forEach(name -> original.put(name, TEXT_MODEL + name));
      return original;
    }
  };

  /** Stable Diffusion 1.5's numbers, with which most published files are read rightly. */
  public static final Defaults DEFAULTS =
      new Defaults(
          channels -> 8,
          false,
          // the colours are the least-squares fit that the community uses
          new LatentFormat(
              4,
              8,
              0.18215,
              0,
              new Preview(
                  List.of(
                      new Colour(0.298f, 0.207f, 0.208f),
                      new Colour(0.187f, 0.286f, 0.173f),
                      new Colour(-0.158f, 0.189f, 0.264f),
                      new Colour(-0.184f, -0.271f, -0.473f)))),
          NoiseSchedule.stableDiffusion(),
          64);

  /** How the text encoders of an extended model begin. */
  public static final String EMBEDDERS = "conditioner.embedders.";

  /** A control in a file, alone or merged with its base. */
  public static final Section CONTROL_SECTION = Section.of("control_model.", Role.CONTROL, CONTROL);

  private static final String TEXT_MODEL = "text_model.";
  private static final String CROSS_KEYS = ".transformer_blocks.0.attn2.to_k.weight";

  /** The autoencoder's attention has had four sets of names. */
  private static final Map<String, String> ATTENTION =
      Map.of(
          "q", "to_q",
          "k", "to_k",
          "v", "to_v",
          "proj_out", "to_out.0",
          "query", "to_q",
          "key", "to_k",
          "value", "to_v",
          "proj_attn", "to_out.0");

  /**
   * Returns the sections of a single file.
   *
   * @param text those of the text encoders, in which the families differ
   * @return U-Net, control and autoencoder, and the text encoders
   */
  public static List<Section> sections(Section... text) {
    List<Section> sections = new ArrayList<>();
    sections.add(Section.of("model.diffusion_model.", Role.UNET, UNET));
    sections.add(CONTROL_SECTION);
    sections.add(Section.of("first_stage_model.", Role.AUTOENCODER, AUTOENCODER));
    sections.add(Section.of("first_stage_model.", Role.AUTOENCODER, TinyAutoencoderNames.NAMES));
    sections.addAll(List.of(text));
    return List.copyOf(sections);
  }

  /**
   * Finds the width of the hidden states that a U-Net or control reads.
   *
   * @param index what the model's files hold
   * @return the width; empty when nothing reads any
   */
  public static Optional<Long> contextWidth(TensorIndex index) {
    return index.shape(CROSS_KEYS, 2).map(shape -> shape.get(1));
  }

  /**
   * Tells whether a model has what XL brought in: a second text encoder, or an embedding besides
   * the time's.
   *
   * @param index what the model's files hold
   * @return whether any of it is there
   */
  public static boolean isExtended(TensorIndex index) {
    return index.hasPrefix(EMBEDDERS)
        || index.hasFolder("text_encoder_2")
        || index.hasModule("label_emb")
        || index.hasModule("add_embedding");
  }

  private static boolean any(Collection<String> names, String prefix) {
    return names.stream().anyMatch(name -> name.startsWith(prefix));
  }

  private static Map<String, String> same(Collection<String> names) {
    Map<String, String> map = new LinkedHashMap<>();
    names.forEach(name -> map.put(name, name));
    return map;
  }

  private static String attention(String name) {
    String before = ".mid_block.attentions.0.";
    int start = name.indexOf(before);
    int end = name.lastIndexOf('.');
    if (start < 0 || end < start + before.length()) {
      return name;
    }
    String module = name.substring(start + before.length(), end);
    return name.substring(0, start + before.length())
        + ATTENTION.getOrDefault(module, module)
        + name.substring(end);
  }
}
