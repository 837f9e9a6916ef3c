package io.github.controlnet.model;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Short names for the files that the authors of ControlNet have published on the hub, and for the
 * tiny autoencoders.
 */
public final class PublishedModels {
  private static final Map<String, String> IDS = new TreeMap<>();

  static {
    IDS.put("stable-diffusion-v1-5", "stable-diffusion-v1-5/stable-diffusion-v1-5");
    IDS.put("taesd", "madebyollin/taesd");
    IDS.put("taesdxl", "madebyollin/taesdxl");
    put(
        "stable-diffusion-v1-5/stable-diffusion-v1-5/",
        "v1-5-pruned-emaonly.safetensors",
        "v1-5-pruned.safetensors");
    put(
        "lllyasviel/ControlNet/models/",
        "control_sd15_canny.pth",
        "control_sd15_depth.pth",
        "control_sd15_hed.pth",
        "control_sd15_mlsd.pth",
        "control_sd15_normal.pth",
        "control_sd15_openpose.pth",
        "control_sd15_scribble.pth",
        "control_sd15_seg.pth");
    put(
        "lllyasviel/ControlNet-v1-1/",
        "control_v11e_sd15_ip2p.pth",
        "control_v11e_sd15_shuffle.pth",
        "control_v11f1e_sd15_tile.pth",
        "control_v11f1p_sd15_depth.pth",
        "control_v11p_sd15_canny.pth",
        "control_v11p_sd15_inpaint.pth",
        "control_v11p_sd15_lineart.pth",
        "control_v11p_sd15_mlsd.pth",
        "control_v11p_sd15_normalbae.pth",
        "control_v11p_sd15_openpose.pth",
        "control_v11p_sd15_scribble.pth",
        "control_v11p_sd15_seg.pth",
        "control_v11p_sd15_softedge.pth",
        "control_v11p_sd15s2_lineart_anime.pth");
    put(
        "lllyasviel/Annotators/",
        "ControlNetHED.pth",
        "ZoeD_M12_N.pt",
        "body_pose_model.pth",
        "dpt_hybrid-midas-501f0c75.pt",
        "erika.pth",
        "facenet.pth",
        "hand_pose_model.pth",
        "latest_net_G.pth",
        "mlsd_large_512_fp32.pth",
        "netG.pth",
        "res101.pth",
        "scannet.pt",
        "sk_model.pth",
        "sk_model2.pth",
        "table5_pidinet.pth",
        "upernet_global_small.pth",
        "150_16_swin_l_oneformer_coco_100ep.pth",
        "250_16_swin_l_oneformer_ade20k_160k.pth");
  }

  private PublishedModels() {}

  private static void put(String folder, String... files) {
    for (String file : files) {
      IDS.put(file.replaceFirst("\\.(safetensors|pth|pt)$", ""), folder + file);
    }
  }

  /**
   * Lists the names.
   *
   * @return in alphabetical order
   */
  public static SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(IDS.keySet()));
  }

  /**
   * Finds a published model.
   *
   * @param name such as {@code control_v11p_sd15_canny}: the file's name without its ending
   * @return what it is on the hub; empty when it is no such name
   */
  public static Optional<HubReference> find(String name) {
    return Optional.ofNullable(IDS.get(name)).map(HubReference::of);
  }
}
