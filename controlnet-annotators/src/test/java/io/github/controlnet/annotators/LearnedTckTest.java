package io.github.controlnet.annotators;

import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The test kit on every annotator with a network. */
class LearnedTckTest {
  @Nested
  class DepthAnything extends LearnedTck {
    DepthAnything() {
      super("depth_anything", "depth_anything", Map.of("input_size", "28"));
    }
  }

  @Nested
  class DepthAnythingV2 extends LearnedTck {
    DepthAnythingV2() {
      super("depth_anything_v2", "depth_anything_v2", Map.of("input_size", "28"));
    }
  }

  @Nested
  class Anyline extends LearnedTck {
    Anyline() {
      super("anyline", "teed");
    }
  }

  @Nested
  class DepthLeres extends LearnedTck {
    DepthLeres() {
      super("depth_leres", "depth_leres_narrow");
    }
  }

  /** At this size pictures as small as the kit's are not looked at in parts. */
  @Nested
  class DepthLeresBoosted extends LearnedTck {
    DepthLeresBoosted() {
      super(
          "depth_leres_boosted",
          "depth_leres_narrow",
          Map.of(
              "input_size",
              "224",
              "merge_model",
              RandomWeights.file("depth_merge_narrow").toString()));
    }
  }

  @Nested
  class DepthMidas extends LearnedTck {
    DepthMidas() {
      super("depth_midas", "midas_short");
    }
  }

  @Nested
  class DepthZoe extends LearnedTck {
    DepthZoe() {
      super("depth_zoe", "zoe_narrow", Map.of("input_size", "32"));
    }
  }

  @Nested
  class Hed extends LearnedTck {
    Hed() {
      super("hed", "hed");
    }
  }

  @Nested
  class Lineart extends LearnedTck {
    Lineart() {
      super("lineart", "lineart");
    }
  }

  @Nested
  class LineartAnime extends LearnedTck {
    LineartAnime() {
      super("lineart_anime", "lineart_anime");
    }
  }

  @Nested
  class LineartAnimeDenoise extends LearnedTck {
    LineartAnimeDenoise() {
      super("lineart_anime_denoise", "manga_line");
    }
  }

  @Nested
  class LineartCoarse extends LearnedTck {
    LineartCoarse() {
      super("lineart_coarse", "lineart");
    }
  }

  @Nested
  class Mlsd extends LearnedTck {
    Mlsd() {
      super("mlsd", "mlsd");
    }
  }

  @Nested
  class NormalBae extends LearnedTck {
    NormalBae() {
      super("normal_bae", "normal_bae");
    }
  }

  @Nested
  class NormalMidas extends LearnedTck {
    NormalMidas() {
      super("normal_midas", "midas_short");
    }
  }

  @Nested
  class Pidinet extends LearnedTck {
    Pidinet() {
      super("pidinet", "pidinet");
    }
  }

  @Nested
  class ScribbleHed extends LearnedTck {
    ScribbleHed() {
      super("scribble_hed", "hed");
    }
  }

  @Nested
  class ScribblePidinet extends LearnedTck {
    ScribblePidinet() {
      super("scribble_pidinet", "pidinet");
    }
  }

  @Nested
  class SegOfade20k extends LearnedTck {
    SegOfade20k() {
      super("seg_ofade20k", "oneformer_narrow_ade20k", Map.of("input_size", "32"));
    }
  }

  @Nested
  class SegOfcoco extends LearnedTck {
    SegOfcoco() {
      super("seg_ofcoco", "oneformer_narrow", Map.of("input_size", "32"));
    }
  }

  @Nested
  class SegUfade20k extends LearnedTck {
    SegUfade20k() {
      super("seg_ufade20k", "uniformer", Map.of("input_size", "32"));
    }
  }

  @Nested
  class Teed extends LearnedTck {
    Teed() {
      super("teed", "teed");
    }
  }
}
