// Containers as files: nothing half written, nothing that is not authentic.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kernels/crypto/files/SealedFile.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "acie-sealed-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(path("plain"), std::ios::binary) << std::string(200000, 'p') << "the end";
    options_.context = "image";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::string read(const char* name) const {
    std::ifstream in(path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  int count() const { return static_cast<int>(std::distance(fs::directory_iterator(folder_), {})); }

  fs::path folder_;
  Secret key_{std::string(32, 'k')};
  SealOptions options_;
};

TEST_F(Files, RoundTrip) {
  ASSERT_TRUE(seal_file(key_, options_, path("plain"), path("sealed")).ok());
  ASSERT_TRUE(open_file(key_, {}, path("sealed"), path("opened")).ok());
  EXPECT_EQ(read("opened"), read("plain"));
  EXPECT_EQ(*verify_file(key_, {}, path("sealed")), "image");
  EXPECT_EQ(count(), 3);
}

TEST_F(Files, ADamagedContainerLeavesNoFile) {
  ASSERT_TRUE(seal_file(key_, options_, path("plain"), path("sealed")).ok());
  std::string sealed = read("sealed");
  sealed[sealed.size() - 1] ^= 1;  // after three good chunks
  std::ofstream(path("damaged"), std::ios::binary) << sealed;
  const absl::Status status = open_file(key_, {}, path("damaged"), path("opened"));
  EXPECT_EQ(failure_of(status), Failure::Refused);
  EXPECT_THAT(message_of(status), ::testing::HasSubstr("damaged: the container is"));
  EXPECT_EQ(failure_of(verify_file(key_, {}, path("damaged")).status()), Failure::Refused);
  EXPECT_EQ(count(), 3);  // plain, sealed, damaged
}

TEST_F(Files, ARefusalKeepsWhatWasThere) {
  std::ofstream(path("opened")) << "older";
  std::ofstream(path("damaged")) << "no container";
  EXPECT_FALSE(open_file(key_, {}, path("damaged"), path("opened")).ok());
  EXPECT_EQ(read("opened"), "older");
}

TEST_F(Files, ErrorsNameTheFile) {
  const absl::Status missing = seal_file(key_, options_, path("missing"), path("sealed"));
  EXPECT_EQ(failure_of(missing), Failure::BadData);
  EXPECT_THAT(message_of(missing), ::testing::HasSubstr(path("missing")));
  EXPECT_EQ(failure_of(seal_file(key_, options_, folder_.string(), path("sealed"))), Failure::BadData);
  EXPECT_FALSE(seal_file(key_, options_, path("plain"), path("no/folder")).ok());
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace acie::secure
